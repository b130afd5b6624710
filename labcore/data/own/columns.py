"""Which columns hold the text and the label: a guess, which you can correct. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import combinations

from labcore.data.own.limits import CLASSES, DataError
from labcore.data.own.split_names import SPLIT_COLUMNS, split_named
from labcore.data.own.table import Table, names_in_words

SAMPLE = 2_000  # rows that a guess reads
LABEL_NAMES = ("label", "labels", "class", "category", "target", "sentiment", "intent", "topic", "y", "gold_label",
               "label_text", "classification", "tag", "emotion", "stance", "rating", "stars", "score")  # fmt: skip
TEXT_NAMES = ("text", "sentence", "review", "comment", "message", "content", "body", "tweet", "question", "document",
              "description", "utterance", "text_a", "sentence1", "premise")  # fmt: skip
PAIRS = (
    ("text_a", "text_b"), ("texta", "textb"), ("sentence1", "sentence2"), ("sentence_1", "sentence_2"),
    ("sentence_a", "sentence_b"), ("text1", "text2"), ("text_1", "text_2"), ("premise", "hypothesis"),
    ("question1", "question2"), ("question", "sentence"), ("query", "passage"),
    ("query", "document"), ("s1", "s2"),
)  # fmt: skip
ID = re.compile(r"(.*_)?(id|idx|index|guid|uuid|key|url|date|time|timestamp)|unnamed.*", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Names of columns. text_b: of the second text, if an example is a pair. split: of each row's split, if given.

    Raises DataError if a column has two roles.
    """

    text: str
    label: str
    text_b: str | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        used = [(field.name, getattr(self, field.name)) for field in fields(self)]
        for (first, one), (second, other) in combinations(used, 2):
            if one is not None and one == other:
                raise DataError(f"column {one!r} is both {first} and {second}; choose two columns")

    def check(self, table: Table) -> None:
        """Raise DataError if the table lacks one of the columns."""
        for field in fields(self):
            name = getattr(self, field.name)
            if name is not None and name not in table.columns:
                raise DataError(
                    f"there is no column {name!r} for {field.name}; give one of {names_in_words(table.columns)}"
                )


@dataclass(frozen=True)
class _Seen:
    """A column as the guess sees it. words: mean in a cell. distinct: different cells. number: fraction of numbers."""

    name: str
    words: float
    characters: float
    distinct: int
    filled: int
    numbers: float


def guess_columns(
    table: Table, *, text: str | None = None, label: str | None = None, text_b: str | None = None
) -> Columns:
    """The columns of text and label, and those of a second text and of the split if names point to them.

    The text has the most words times variety. The label has the fewest different values from 2 to 150, unless a name
    such as "label" points elsewhere. A column that is given keeps its role. Raises DataError if the table has fewer
    than two columns, or lacks a given one.
    """
    if len(table.columns) < 2:
        raise DataError(
            f"the table has one column, {table.columns[0]!r}, and needs a text and a label. "
            "Choose another delimiter, or give a file with both"
        )
    given = [name for name in (text, label, text_b) if name is not None]
    for name in given:
        table.column(name)  # raises
    step = max(1, len(table.rows) // SAMPLE)
    rows = table.rows[::step][:SAMPLE]
    seen = [_seen(name, [row[i] for row in rows]) for i, name in enumerate(table.columns) if name not in given]
    split = next((each.name for each in seen if _is_split(each, table, rows)), None)
    if split is not None and len(seen) - 1 < (text is None) + (label is None):
        split = None
    seen = [each for each in seen if each.name != split]
    if text is None and text_b is None and (pair := _pair(seen)) and len(seen) > 2 - (label is not None):
        text, text_b = pair
    if text is None:
        text = _best((each for each in seen if each.name != text_b), _like_text, table)
    if label is None:
        label = _best((each for each in seen if each.name not in (text, text_b)), _like_label, table)
    return Columns(text, label, text_b, split)


def _best(columns: Iterable[_Seen], fit: Callable[[_Seen], tuple[float, ...]], table: Table) -> str:
    """The column that fits best. Raises DataError if none is left."""
    ordered = sorted(columns, key=fit)
    if not ordered:
        raise DataError(f"no column is left for text or label; choose others of {names_in_words(table.columns)}")
    return ordered[-1].name


def _seen(name: str, cells: list[str]) -> _Seen:
    stripped = [cell.strip() for cell in cells]
    filled = [cell for cell in stripped if cell]
    count = max(1, len(filled))
    return _Seen(
        name,
        words=sum(len(cell[:2000].split()) for cell in filled) / count,
        characters=sum(len(cell) for cell in filled) / count,
        distinct=len(set(filled)),
        filled=len(filled),
        numbers=sum(map(_number, filled)) / count,
    )


def _like_text(column: _Seen) -> tuple[float, ...]:
    """How well a column fits as text: the mean number of words times the fraction of different cells."""
    plain = column.name.strip().lower().replace(" ", "_")
    variety = column.distinct / max(1, column.filled)
    score = (column.words + column.characters / 20) * variety * (1.5 if plain in TEXT_NAMES else 1)
    if column.numbers > 0.9 or (ID.fullmatch(plain) and column.words < 2):
        score /= 100
    return column.distinct > 1, score, column.characters


def _like_label(column: _Seen) -> tuple[float, ...]:
    """How well a column fits as label: whether it could be one at all, by its name, by how few values it has."""
    plain = column.name.strip().lower().replace(" ", "_")
    fits = CLASSES[0] <= column.distinct <= CLASSES[1] and 2 * column.distinct <= max(4, column.filled)
    if plain in LABEL_NAMES[:11]:
        named = 3
    elif plain in LABEL_NAMES or re.search(r"label|class|categor|sentiment", plain):
        named = 2
    else:
        named = 0 if ID.fullmatch(plain) else 1
    return fits, named, -column.distinct + (column.characters < 30) / 2


def _pair(columns: list[_Seen]) -> tuple[str, str] | None:
    """Two columns whose names are those of a pair of texts."""
    plain = {each.name.strip().lower().replace(" ", "_").replace("-", "_"): each for each in columns}
    for one, other in PAIRS:
        if one in plain and other in plain and plain[one].words > 1 and plain[other].distinct > CLASSES[0]:
            return plain[one].name, plain[other].name
    return None


def _is_split(column: _Seen, table: Table, rows: tuple[tuple[str, ...], ...]) -> bool:
    """Whether every cell of a column names a split, and more than one is named or the column is called so."""
    if not 0 < column.distinct <= 6:
        return False
    index = table.columns.index(column.name)
    cells = {row[index].strip() for row in rows}
    named = {split_named(cell) for cell in cells}
    return None not in named and (len(named) > 1 or column.name.strip().lower() in SPLIT_COLUMNS)


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
