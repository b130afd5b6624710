"""A guess at a CSV's delimiter and header. Standard library only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from labcore.data.own.csv_rows import SAMPLE_CHARACTERS, sample_rows

# Names that a header has and no text does.
KNOWN = {
    "text", "label", "labels", "class", "category", "sentence", "sentence1", "sentence2", "premise", "hypothesis",
    "text_a", "text_b", "id", "idx", "index", "split", "target", "sentiment", "title", "review", "comment", "message",
    "body", "content", "rating", "score", "stars", "topic", "intent", "date", "author", "name", "question", "tweet",
    "description", "language", "url", "source", "v1", "v2",
}  # fmt: skip


def guess_delimiter(text: str, candidates: Iterable[str], preferred: str) -> str:
    """The delimiter that splits most rows into the same number of fields, two or more; else the preferred one."""
    best, best_score = preferred, (0.0, 0)
    for delimiter in candidates:
        widths = Counter(len(row) for row in sample_rows(text, delimiter))
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        score = (round(count / widths.total(), 2), width)
        if score > best_score or (score == best_score and delimiter == preferred):
            best, best_score = delimiter, score
    return best


def guess_lines_above(text: str, delimiter: str, most: int) -> int:
    """The lines before the table: a title or a note, with fewer fields than nearly all other rows have."""
    rows = sample_rows(text, delimiter)
    widths = Counter(map(_filled, rows))
    if len(rows) < 4 or not widths:
        return 0
    usual, count = widths.most_common(1)[0]
    if usual < 2 or count < 0.6 * len(rows):
        return 0
    lines = text[:SAMPLE_CHARACTERS].split("\n")[: most + 1]
    above = 0
    for line in lines:
        if line.count('"') % 2:
            break  # a quoted text of several lines
        row = next(iter(sample_rows(line, delimiter)), [])
        if _filled(row) == usual or len(row) > usual:
            break
        if row and _filled(row) > 1:
            break  # a row with an empty cell
        above += 1
    return above if above < len(lines) and above <= most else 0


def _filled(row: list[str]) -> int:
    """Fields up to the last that is not empty: a title in a spreadsheet has empty ones behind it."""
    return next((i for i in range(len(row), 0, -1) if row[i - 1].strip()), 0)


def guess_header(text: str, delimiter: str, lines_above: int) -> bool:
    """Whether the first row names the columns."""
    rows = sample_rows(text, delimiter, lines_above)
    if not rows:
        return False
    first, others = rows[0], rows[1:]
    names = [cell.strip() for cell in first]
    if any(name.lower().replace(" ", "_") in KNOWN for name in names):
        return True
    if not all(names[:1]) or len(set(names)) < len(names) or any(_number(name) for name in names if name):
        return False
    if any(len(name) > 60 or len(name.split()) > 5 for name in names):
        return False
    columns = [[row[i].strip() for row in others if i < len(row)] for i in range(len(names))]
    if any(name and name in column for name, column in zip(names, columns, strict=True)):
        return False  # it occurs again, so it is a value
    return len(names) > 1 and any(_unlike(name, column) for name, column in zip(names, columns, strict=True))


def _unlike(name: str, column: list[str]) -> bool:
    """Whether a first cell differs in kind from what is below it: no number above numbers, a word above sentences."""
    if not column:
        return True
    if sum(map(_number, column)) > 0.9 * len(column):
        return not _number(name)
    words = sum(len(cell.split()) for cell in column) / len(column)
    if words >= 4 and len(name.split()) <= 2:
        return True
    return len(set(column)) <= max(2, len(column) // 4)  # few values, and the first cell is none of them


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
