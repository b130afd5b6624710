"""A data set of your own: labelled examples in splits, known by a hash of all that training reads."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from labcore.config.checks import check_integer
from labcore.config.spec import SpecError
from labcore.data.examples import SPLITS, Examples, Split, Splits
from labcore.data.own.clean_rows import Row, clean
from labcore.data.own.columns import Columns
from labcore.data.own.data_checks import class_counts, is_number, problems, warnings
from labcore.data.own.data_hash import HASH_CHARACTERS
from labcore.data.own.data_report import ClassCount, DataReport
from labcore.data.own.limits import CLASSES, MAX_NAME, MAX_ROWS, TOKENS, DataError
from labcore.data.own.near_copies import near_copies
from labcore.data.own.splitting import SplitRows, split_rows
from labcore.data.own.table import Table
from labcore.data.spurious_cue import Cue
from labcore.results.accuracy_error import standard_error

TASK_PREFIX = "data:"  # of the name by which a spec names a data set as its task
EXPECTED_ACCURACY = 0.8  # at which the standard error is stated
SAMPLE_CHARACTERS = 200  # of an example to type on a page
# A token of an estimate: a run of letters and digits, a sign, or a character of a script without spaces.
_TOKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s]")
_PER_WORD = 1.15  # tokens


@dataclass(frozen=True)
class DataSet:
    """Examples with text labels, as the lab keeps them. A label is the text in the file.

    label_names: sorted, numbers by value; an example's label is an index in them. splits: every example, sorted by
    text. max_tokens: of an example that a model reads. mean_tokens: the mean of a training example. cue: what its task
    puts into the examples, which are kept without it; None for nothing.
    Raises DataError if the number of tokens is not valid.
    """

    name: str
    label_names: tuple[str, ...]
    splits: Splits
    max_tokens: int
    mean_tokens: int
    cue: Cue | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_name(self.name))
        _check_tokens(self.max_tokens)

    @property
    def pairs(self) -> bool:
        """Whether an example is a pair of texts."""
        return self.splits["train"].second is not None

    @property
    def examples(self) -> int:
        """The number of examples in all splits."""
        return sum(map(len, self.splits.values()))

    @property
    def task(self) -> str:
        """The name by which a spec names it as its task."""
        return f"{TASK_PREFIX}{self.hash}"

    @cached_property
    def hash(self) -> str:
        """The first 16 characters of a SHA-256 of label names, token limit, cue, and examples with their splits."""
        fixed: list[object] = [self.label_names, self.max_tokens, self.pairs]
        if self.cue is not None:
            fixed.append(asdict(self.cue))
        digest = hashlib.sha256(json.dumps(fixed).encode())
        for line in self.lines():
            digest.update(line.encode())
        return digest.hexdigest()[:HASH_CHARACTERS]

    def lines(self) -> Iterator[str]:
        """Every example as a line of JSON: its split, its label's index, its text, and the second text of a pair."""
        for split in SPLITS:
            examples = self.splits[split]
            second = examples.second or [None] * len(examples)
            for text, label, other in zip(examples.text, examples.labels, second, strict=True):
                row = [split, label, text] if other is None else [split, label, text, other]
                yield f"{json.dumps(row)}\n"

    def read_to(self, max_tokens: int) -> DataSet:
        """The same examples with another limit of tokens. Raises DataError if the limit is not valid."""
        return replace(self, max_tokens=max_tokens, mean_tokens=min(self.mean_tokens, max_tokens))

    @property
    def sample(self) -> tuple[str, str]:
        """A short validation example: its text, and the second text if it is a pair."""
        examples = self.splits["validation"] if len(self.splits["validation"]) else self.splits["train"]
        by_length = sorted(range(len(examples)), key=lambda i: (len(examples.text[i]), examples.text[i]))
        index = by_length[len(by_length) // 4]
        second = examples.second[index] if examples.second else ""
        return examples.text[index][:SAMPLE_CHARACTERS], second[:SAMPLE_CHARACTERS]


def make_data_set(
    table: Table, columns: Columns, name: str, *, max_tokens: int = TOKENS[1], leave_out_small: bool = False
) -> tuple[DataSet, DataReport]:
    """The data set in these columns of a table, and its report.

    leave_out_small: whether classes with too few examples are left out; else they are a problem.
    Raises DataError with each problem that `report_of` has, if a column is missing, or if max_tokens is not valid.
    """
    _check_tokens(max_tokens)
    split, report = _prepared(table, columns, leave_out_small)
    report.check()
    names = tuple(count.label for count in report.classes)
    pairs = columns.text_b is not None
    splits = {part: _examples(split.rows[part], names, pairs) for part in SPLITS}
    mean_tokens = max(1, min(report.mean_tokens, max_tokens))
    made = DataSet(name=name, label_names=names, splits=splits, max_tokens=max_tokens, mean_tokens=mean_tokens)
    return made, replace(report, mean_tokens=mean_tokens)


def report_of(table: Table, columns: Columns, *, leave_out_small: bool = False) -> DataReport:
    """What the data set in these columns would hold. Its problems do not raise, except for a missing column.

    Raises DataError if a column is missing, or if a split column holds a value that names no split.
    """
    return _prepared(table, columns, leave_out_small)[1]


def clean_name(name: str) -> str:
    """A name on one line, without characters that can't be seen. Raises DataError if it is empty or too long."""
    if not isinstance(name, str):
        raise DataError(f"the name of a data set is {name!r}; give text")
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in name)
    plain = " ".join(visible.split())
    if not plain:
        raise DataError(f"the name of a data set is empty; give 1 to {MAX_NAME} characters")
    if len(plain) > MAX_NAME:
        raise DataError(f"the name of a data set has {len(plain):,} characters; give at most {MAX_NAME}")
    return plain


def sorted_labels(labels: set[str]) -> tuple[str, ...]:
    """Labels in a fixed order: numbers by value if all are numbers, else by their characters."""
    if all(map(is_number, labels)):
        return tuple(sorted(labels, key=lambda label: (float(label), label)))
    return tuple(sorted(labels))


def _check_tokens(max_tokens: int) -> None:
    """Raise DataError unless a model can be asked to read as many tokens."""
    try:
        check_integer("max_tokens", max_tokens, *TOKENS)
    except SpecError as error:
        raise DataError(f"{error}") from None


def _prepared(table: Table, columns: Columns, leave_out_small: bool) -> tuple[SplitRows, DataReport]:
    if len(table.rows) > MAX_ROWS:
        raise DataError(f"the table has {len(table.rows):,} rows; give at most {MAX_ROWS:,}")
    rows = clean(table, columns)
    if leave_out_small:
        rows = rows.without_small_classes()
    labels = sorted_labels({row.label for row in rows.kept})
    usable = CLASSES[0] <= len(labels) <= CLASSES[1]
    split = split_rows(rows.kept, fill=usable)
    counts = class_counts(labels, split)
    wrong = tuple(problems(rows, counts))
    near = _near_copies(split) if not wrong else {"validation": 0, "test": 0}
    majority, accuracy = _majority(counts, split)
    at = max(EXPECTED_ACCURACY, accuracy)
    tests = len(split.rows["test"])
    report = DataReport(
        rows=rows.rows,
        empty=rows.empty,
        duplicated=rows.duplicated,
        contradictory=rows.contradictory,
        left_out=rows.left_out,
        shortened=rows.shortened,
        in_two_splits=rows.in_two_splits,
        near_copies=near,
        classes=counts if usable else (),
        splits={name: len(group) for name, group in split.rows.items()},
        given=split.given,
        moved=split.moved,
        majority=majority,
        majority_accuracy=accuracy,
        standard_error=standard_error(at, tests),
        standard_error_at=at,
        mean_tokens=estimated_tokens(split.rows["train"]),
        contradictions=rows.contradictions,
        problems=wrong,
        warnings=(*table.notes, *warnings(rows, split, counts if usable else (), near, accuracy)),
    )
    return split, report


def _examples(rows: tuple[Row, ...], names: tuple[str, ...], pairs: bool) -> Examples:
    index = {name: i for i, name in enumerate(names)}
    second = tuple(row.second for row in rows) if pairs else None
    return Examples(tuple(row.text for row in rows), tuple(index[row.label] for row in rows), second)


def _near_copies(split: SplitRows) -> dict[str, int]:
    training = [row.content for row in split.rows["train"]]
    evaluated: tuple[Split, ...] = ("validation", "test")
    return {name: len(near_copies([row.content for row in split.rows[name]], training)) for name in evaluated}


def _majority(counts: tuple[ClassCount, ...], split: SplitRows) -> tuple[str, float]:
    """The most frequent class of the training split, and the accuracy of its constant prediction on test."""
    if not counts:
        return "", 0.0
    most = max(counts, key=lambda count: count.train)
    return most.label, most.test / max(1, len(split.rows["test"]))


def estimated_tokens(rows: tuple[Row, ...]) -> int:
    """The mean number of tokens of an example, [CLS] and [SEP] included, estimated without a tokenizer."""
    if not rows:
        return 2
    step = max(1, len(rows) // 500)
    few = rows[::step]
    tokens = sum(len(_TOKEN.findall(row.text)) + len(_TOKEN.findall(row.second)) for row in few) / len(few)
    return round(_PER_WORD * tokens) + (3 if rows[0].second else 2)
