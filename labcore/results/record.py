"""What happened: counts, events and runs as plain data, in and out of JSON. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, get_args

from labcore.config.spec import Spec
from labcore.results.evaluation import Evaluation
from labcore.results.findings import Finding

Part = Literal["embeddings", "encoder", "pooler", "classifier"]
PARTS: tuple[Part, ...] = get_args(Part)


# -- counts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What a model costs beside its parameters.

    macs: multiply-accumulates of the matrix products for one sentence of `tokens` word pieces.
    bytes: stored weights as fp32, fp16, int8, and sparse (fp32, zeros left out where that is smaller).
    """

    tokens: int
    macs: int
    bytes: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """What the command line prints."""
        return {"macs": self.macs, "bytes": dict(self.bytes)}


@dataclass(frozen=True)
class Counts:
    """Parameters of one model. `nonzero` are those whose value is not 0; without weights, only pruning's zeros are known.

    `layers` has the parameters of each encoder layer. `layers_nonzero` and `parts_nonzero` say where those are that are not 0;
    None if a global pruning was counted without weights, so that the zeros' places are unknown.
    `cost` and `parts_nonzero` are None in runs that an earlier version recorded, whose `nonzero` left out pruning's zeros alone.
    """

    total: int
    nonzero: int
    parts: dict[Part, int]
    layers: tuple[int, ...]
    hidden: int
    layers_nonzero: tuple[int, ...] | None = None
    cost: Cost | None = None
    parts_nonzero: dict[Part, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """What the command line prints: totals, parts and costs."""
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
        """What the command line's `count` prints."""
        return {"teacher": self.teacher.to_json(), "student": self.student.to_json(), "ratio": self.ratio}

    def to_dict(self) -> dict[str, Any]:
        """Everything, for the store."""
        return {"teacher": asdict(self.teacher), "student": asdict(self.student)}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Comparison:
        """The inverse of `to_dict`."""
        return Comparison(*(_counts(data[side]) for side in ("teacher", "student")))


def _counts(data: dict[str, Any]) -> Counts:
    zeros, cost = data["layers_nonzero"], data.get("cost")
    plain = {"layers": tuple(data["layers"]), "layers_nonzero": zeros and tuple(zeros), "cost": cost and Cost(**cost)}
    return Counts(**{**data, **plain})


# -- events: what a run yields, one JSON object a line -----------------------------------------------


@dataclass(frozen=True)
class Started:
    """A run has begun: its id and what its student will be."""

    event: ClassVar[str] = "started"
    run: str
    counts: dict[str, Any]


@dataclass(frozen=True)
class Preparing:
    """The teacher reads the sentences, once; `done` of `total` are read, `elapsed` seconds after it began."""

    event: ClassVar[str] = "preparing"
    done: int
    total: int
    elapsed: float


@dataclass(frozen=True)
class TrainStep:
    """One optimiser step. Losses are raw batch means, None where unused; `total` is their sum, weighted as `Distil.at` says.

    `sentences`, `seconds` and `elapsed` count from the start of training; validations are in `elapsed` only.
    `share` (0 to 1) of the lesson was over when it began; of a lesson counted in seconds, `steps` is a guess.
    """

    event: ClassVar[str] = "step"
    step: int
    steps: int
    sentences: int
    seconds: float
    elapsed: float
    learning_rate: float
    total: float
    hard: float | None = None
    soft: float | None = None
    hidden: float | None = None
    logit: float | None = None
    cosine: float | None = None
    relation: float | None = None
    share: float = 0.0


@dataclass(frozen=True)
class GradientNorms:
    """How long the gradient of each part of the loss is at a step, with respect to the student; and the parts' weights there."""

    event: ClassVar[str] = "gradients"
    step: int
    norms: Mapping[str, float]
    weights: Mapping[str, float]

    @property
    def shares(self) -> dict[str, float]:
        """Each part's share of the pull on the student: weight · norm, of their sum."""
        pulls = {name: self.weights[name] * norm for name, norm in self.norms.items()}
        total = sum(pulls.values())
        return {name: pull / total if total else 0.0 for name, pull in pulls.items()}


@dataclass(frozen=True)
class Similarity:
    """Linear CKA of every student layer (a row) with every teacher layer, and the pairs that the lesson compares."""

    event: ClassVar[str] = "similarity"
    step: int
    table: list[list[float]]
    pairs: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", tuple((ours, theirs) for ours, theirs in self.pairs))  # JSON gives lists


@dataclass(frozen=True)
class Validation:
    """The student on the validation split after `step` steps; `best` where no earlier one was better."""

    event: ClassVar[str] = "validation"
    step: int
    accuracy: float
    agreement: float
    loss: float
    teacher_accuracy: float
    best: bool


@dataclass(frozen=True)
class Readings:
    """The same validation texts read in several ways, after `step` steps: by reading the student's accuracy, its agreement
    with the teacher, and the teacher's accuracy.
    """

    event: ClassVar[str] = "readings"
    step: int
    accuracy: Mapping[str, float]
    agreement: Mapping[str, float]
    teacher: Mapping[str, float]


@dataclass(frozen=True)
class Finished:
    """The end of a run: the best checkpoint on the test split. `seconds` is the whole run's.

    `judgement` is None in runs that an earlier version recorded; `readings` of the test split are there where the task has
    a cue. `findings`: what the reader must know before the figures; empty in runs that an earlier version recorded.
    """

    event: ClassVar[str] = "finished"
    run: str
    teacher: dict[str, float]
    student: dict[str, float]
    counts: dict[str, Any]
    seconds: float
    sentences_per_second: float
    judgement: Evaluation | None = None
    readings: Readings | None = None
    findings: tuple[Finding, ...] = ()


Event = Started | Preparing | TrainStep | GradientNorms | Similarity | Validation | Readings | Finished
_EVENTS: dict[str, type[Event]] = {cls.event: cls for cls in get_args(Event)}


def event_to_dict(event: Event) -> dict[str, Any]:
    """The event as JSON-ready data, its name under `event`; without `readings` if the task has no cue, and without `findings` if there are none."""
    data = asdict(event)
    if data.get("readings", ...) is None:
        del data["readings"]
    if not data.get("findings", True):
        del data["findings"]
    return {"event": event.event, **data}


def event_from_dict(data: dict[str, Any]) -> Event:
    """The inverse of `event_to_dict`; fields that this version does not know are left out, those it lacks take their default."""
    cls = _EVENTS[data["event"]]
    known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
    if known.get("judgement"):
        known["judgement"] = Evaluation.from_dict(known["judgement"])
    if known.get("readings"):
        known["readings"] = Readings(**known["readings"])
    if "findings" in known:
        known["findings"] = tuple(map(Finding.from_dict, known["findings"]))
    return cls(**known)


# -- runs --------------------------------------------------------------------------------------------

Status = Literal["queued", "running", "finished", "stopped", "failed", "interrupted"]
ACTIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True)
class Run:
    """One experiment on disk. `result` is there once it has finished; `error` where it failed."""

    id: str
    spec: Spec
    status: Status
    created: str  # ISO 8601, UTC
    counts: Comparison | None = None
    result: Finished | None = None
    error: str | None = None
    teacher: str | None = None  # the identity of its teacher's files, once they were read; see labcore.teacher.identity

    @property
    def active(self) -> bool:
        """Waiting or training."""
        return self.status in ACTIVE
