"""What a search ends with: the best student, how probable that is, and the runs behind it. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from labcore.results.evaluation import MeanDifference


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A fully trained design. size: as the goal measures it. validation, test: mean accuracies over its seeds.

    best: the probability that it is the best of all candidates. within: that it is within the distance.
    """

    number: int
    size: float
    validation: float
    test: float
    runs: tuple[str, ...]
    best: float
    within: float


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """The result of a search. smallest: its best design, chosen on validation examples; None if none was trained fully.

    meets: whether it meets the goal on the validation split. candidates: all fully trained designs, the best first; the
    second is the runner-up. difference: the best's mean test accuracy minus the runner-up's, with its interval; None
    without a runner-up. teacher_test: the teacher's test accuracy. teacher_size: as the goal measures it.
    """

    smallest: Candidate | None
    meets: bool
    candidates: tuple[Candidate, ...]
    difference: MeanDifference | None
    teacher_test: float | None
    teacher_validation: float
    teacher_size: float

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON-ready data."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> SearchOutcome:
        """The inverse of `to_dict`. Raises KeyError or TypeError if the data are not those of an outcome."""
        candidates = tuple(Candidate(**{**each, "runs": tuple(each["runs"])}) for each in data["candidates"])
        difference = data["difference"]
        typed = {
            "candidates": candidates,
            "smallest": candidates[0] if data["smallest"] is not None else None,
            "difference": None if difference is None else MeanDifference(**difference),
        }
        return SearchOutcome(**{**data, **typed})
