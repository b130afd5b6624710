"""From a table to examples: without empty, repeated and contradictory rows, each of which is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from labcore.data.examples import SPLITS, Split
from labcore.data.own.columns import Columns
from labcore.data.own.limits import MAX_CHARACTERS, MIN_PER_CLASS, DataError
from labcore.data.own.split_names import NAMES, split_named
from labcore.data.own.table import Table, names_in_words

SHOWN = 80  # characters of an example in a report


@dataclass(frozen=True, order=True)
class Row:
    """An example as the file has it. second: empty unless it is a pair. split: as the file has it, if it does."""

    text: str
    second: str
    label: str
    split: Split | None = None

    @property
    def content(self) -> str:
        """The text or texts, whose hash decides the split."""
        return f"{self.text}\n{self.second}" if self.second else self.text


@dataclass(frozen=True)
class CleanRows:
    """The rows that stay, sorted, and how many did not.

    rows = empty + duplicated + contradictory + left_out + len(kept). left_out: rows of classes that were too small.
    small_classes: the names of these. shortened: texts that were cut to the limit. in_two_splits: of the duplicated
    ones, those of two splits. contradictions: some of the texts with more than one label, for people.
    """

    kept: tuple[Row, ...]
    rows: int
    empty: int
    duplicated: int
    contradictory: int
    shortened: int
    in_two_splits: int
    contradictions: tuple[str, ...]
    left_out: int = 0
    small_classes: tuple[str, ...] = ()

    def without_small_classes(self) -> CleanRows:
        """The same without the classes that have too few examples."""
        counts = Counter(row.label for row in self.kept)
        kept = tuple(row for row in self.kept if counts[row.label] >= MIN_PER_CLASS)
        small = tuple(sorted(label for label, count in counts.items() if count < MIN_PER_CLASS))
        return replace(self, kept=kept, left_out=len(self.kept) - len(kept), small_classes=small)


def clean(table: Table, columns: Columns) -> CleanRows:
    """The rows of a table without white space around texts and labels.

    A row is empty if a text or the label is. All rows of a text with two labels are contradictory. Of equal rows one
    stays: in the test split if one of them is there, then in validation. Raises DataError if the table lacks a column,
    or if the split column holds a value that names no split.
    """
    columns.check(table)
    rows, shortened = _rows(table, columns)
    filled = [row for row in rows if row.text and row.label and (row.second or columns.text_b is None)]
    labels: dict[tuple[str, str], set[str]] = {}
    for row in filled:
        labels.setdefault((row.text, row.second), set()).add(row.label)
    agreeing = [row for row in filled if len(labels[row.text, row.second]) == 1]
    kept: dict[tuple[str, str], Row] = {}
    splits: dict[tuple[str, str], set[Split | None]] = {}
    for row in agreeing:
        key = row.text, row.second
        splits.setdefault(key, set()).add(row.split)
        if key not in kept or _rank(row) > _rank(kept[key]):
            kept[key] = row
    two_labels = sorted(key for key, names in labels.items() if len(names) > 1)
    return CleanRows(
        kept=tuple(sorted(kept.values(), key=lambda row: (row.text, row.second))),
        rows=len(rows),
        empty=len(rows) - len(filled),
        duplicated=len(agreeing) - len(kept),
        contradictory=len(filled) - len(agreeing),
        shortened=shortened,
        in_two_splits=sum(len(each) > 1 for each in splits.values()),
        contradictions=tuple(
            f"{_short(text)} ({names_in_words(sorted(labels[text, second]))})" for text, second in two_labels[:3]
        ),
    )


def _rows(table: Table, columns: Columns) -> tuple[list[Row], int]:
    """Every row, stripped and cut to the limit, and how many were cut."""
    cells = {name: table.column(name) for name in (columns.text, columns.label, columns.text_b, columns.split) if name}
    second = cells[columns.text_b] if columns.text_b else [""] * len(table.rows)
    splits = _splits(cells[columns.split], columns.split) if columns.split else [None] * len(table.rows)
    rows, shortened = [], 0
    for text, other, label, split in zip(cells[columns.text], second, cells[columns.label], splits, strict=True):
        row = Row(text.strip(), other.strip(), " ".join(label.split()), split)
        if len(row.text) > MAX_CHARACTERS or len(row.second) > MAX_CHARACTERS:
            row = replace(row, text=row.text[:MAX_CHARACTERS].strip(), second=row.second[:MAX_CHARACTERS].strip())
            shortened += 1
        rows.append(row)
    return rows, shortened


def _splits(cells: tuple[str, ...], column: str) -> list[Split | None]:
    """The split of each row. Raises DataError if a cell names none."""
    unknown = Counter(cell.strip() for cell in cells if split_named(cell) is None)
    if unknown:
        allowed = ", ".join(names[0] for names in NAMES.values())
        raise DataError(
            f"column {column!r} holds {names_in_words(list(unknown), 3)} in {unknown.total():,} rows, which names no "
            f"split; give {allowed}, or choose no split column"
        )
    return [split_named(cell) for cell in cells]


def _rank(row: Row) -> int:
    return SPLITS.index(row.split) if row.split else 0


def _short(text: str) -> str:
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 10 * SHOWN]).split())
    return f'"{plain}"' if len(plain) <= SHOWN else f'"{plain[: SHOWN - 1]}…"'
