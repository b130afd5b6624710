"""Parameter counts and costs of a teacher and its student, in and out of JSON. Standard library only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

ModelPart = Literal["embeddings", "encoder", "pooler", "classifier"]
MODEL_PARTS: tuple[ModelPart, ...] = get_args(ModelPart)


@dataclass(frozen=True)
class Cost:
    """What a model costs beside its parameters.

    macs: multiply-accumulates of the matrix products for one example of `tokens` tokens.
    bytes: the weights as fp32, fp16, int8, and sparse (fp32 without zeros, if that is smaller). "stored" is the file of
    weights in the student's folder; runs of an earlier version lack it.
    """

    tokens: int
    macs: int
    bytes: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The object that the command line prints."""
        return {"macs": self.macs, "bytes": dict(self.bytes)}


@dataclass(frozen=True)
class Counts:
    """Parameters of one model. `nonzero` counts those that are not 0; without weights, only pruning's zeros are known.

    layers: parameters of each encoder layer. layers_nonzero, parts_nonzero: how many of them are not 0; None if a
    global pruning was counted without weights, because it is then unknown which layers hold its zeros. `cost` and
    `parts_nonzero` are None in runs of an earlier version, whose `nonzero` left out pruning's zeros only.
    """

    total: int
    nonzero: int
    parts: dict[ModelPart, int]
    layers: tuple[int, ...]
    hidden: int
    layers_nonzero: tuple[int, ...] | None = None
    cost: Cost | None = None
    parts_nonzero: dict[ModelPart, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that the command line prints: totals, parts and costs."""
        known = {} if self.cost is None else {"cost": self.cost.to_json()}
        return {"total": self.total, "nonzero": self.nonzero, "parts": dict(self.parts)} | known


@dataclass(frozen=True)
class Comparison:
    """The counts of a teacher and of the student derived from it."""

    teacher: Counts
    student: Counts

    @property
    def ratio(self) -> float:
        """Student's total over teacher's total; 1 means no compression."""
        return self.student.total / self.teacher.total

    @property
    def nonzero_ratio(self) -> float:
        """Student's non-zero parameters over the teacher's."""
        return self.student.nonzero / self.teacher.nonzero

    def to_json(self) -> dict[str, Any]:
        """The object that the command line's `count` prints."""
        return {"teacher": self.teacher.to_json(), "student": self.student.to_json(), "ratio": self.ratio}

    def to_dict(self) -> dict[str, Any]:
        """Every field, for the store."""
        return {"teacher": asdict(self.teacher), "student": asdict(self.student)}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Comparison:
        """The inverse of `to_dict`."""
        return Comparison(*(counts_from_dict(data[side]) for side in ("teacher", "student")))


def counts_from_dict(data: dict[str, Any]) -> Counts:
    """Counts of which `asdict` made this, also if JSON made lists of its tuples."""
    nonzero, cost = data["layers_nonzero"], data.get("cost")
    typed = {
        "layers": tuple(data["layers"]),
        "layers_nonzero": None if nonzero is None else tuple(nonzero),
        "cost": cost and Cost(**cost),
    }
    return Counts(**{**data, **typed})
