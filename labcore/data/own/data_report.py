"""What a data set holds, before anything is trained on it: plain data, and sentences on what is wrong or doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from labcore.config.checks import shown
from labcore.data.examples import Split
from labcore.data.own.limits import DataError


@dataclass(frozen=True)
class ClassCount:
    """A class with its number of examples in each split."""

    label: str
    train: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        """Its examples in all splits."""
        return self.train + self.validation + self.test


@dataclass(frozen=True)
class DataReport:
    """rows = empty + duplicated + contradictory + left_out + examples.

    left_out: rows of classes with too few examples, if these were to be left out. shortened: texts cut to the limit of
    characters. in_two_splits: repeated rows that a split column put into two splits.
    near_copies: validation and test examples that are near copies of a training example, by split.
    classes: in the order of the labels. splits: examples by split. given: the splits that a column named.
    moved: examples that changed their split so that no class is missing there.
    majority: the class that is most frequent in training; majority_accuracy: of its constant prediction on the test
    split, from 0 to 1. standard_error: of an accuracy on the test split if it is `standard_error_at`, from 0 to 1.
    That is 80 %, or the majority's accuracy if it is higher. mean_tokens: an estimate without a tokenizer.
    problems: why the lab refuses the data; empty if it takes them. warnings: what you should know before you train.
    """

    rows: int
    empty: int
    duplicated: int
    contradictory: int
    left_out: int
    shortened: int
    in_two_splits: int
    near_copies: Mapping[str, int]
    classes: tuple[ClassCount, ...]
    splits: Mapping[str, int]
    given: tuple[Split, ...]
    moved: int
    majority: str
    majority_accuracy: float
    standard_error: float
    standard_error_at: float
    mean_tokens: int
    contradictions: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def examples(self) -> int:
        """How many examples stay."""
        return sum(self.splits.values())

    def check(self) -> None:
        """Raise DataError with every problem, if there is one."""
        if self.problems:
            raise DataError(" ".join(self.problems))

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return asdict(self)

    @staticmethod
    def from_json(data: Any) -> DataReport:
        """The report in JSON data of the lab's own. Raises DataError if it is not one."""
        try:
            known = {field.name: data[field.name] for field in fields(DataReport)}
            classes = tuple(ClassCount(**each) for each in known.pop("classes"))
            lists = {name: tuple(known[name]) for name in ("given", "contradictions", "problems", "warnings")}
            return DataReport(**known | lists | {"classes": classes})
        except (TypeError, KeyError) as error:
            raise DataError(f"the report of the data set is not whole ({shown(f'{error}')[1:-1]})") from None
