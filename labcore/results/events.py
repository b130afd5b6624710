"""The events that a run yields, in and out of JSON, one object a line. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, get_args

from labcore.config.loss_terms import LOSS_TERMS
from labcore.results.evaluation import Evaluation
from labcore.results.findings import Finding
from labcore.results.json_keys import fields_from_json, stored_as, to_json


@dataclass(frozen=True)
class Started:
    """A run has begun: its id, the counts of its student to be, and the machine; "" in runs of an earlier version."""

    event: ClassVar[str] = "started"
    run: str
    counts: dict[str, Any]
    machine: str = ""


@dataclass(frozen=True)
class Resumed:
    """A run that ended early goes on after `step`; the events after that step are those of the resumed training.

    attempt: how often it has resumed at this step. machine: that computes it now.
    """

    event: ClassVar[str] = "resumed"
    step: int
    attempt: int
    machine: str


@dataclass(frozen=True)
class Preparing:
    """The teacher computes its logits, once: `done` of `total` examples after `elapsed` seconds."""

    event: ClassVar[str] = "preparing"
    done: int
    total: int
    elapsed: float


@dataclass(frozen=True, kw_only=True)
class TrainStep:
    """One optimiser step. `total` is the sum of `losses`, weighted as `DistilConfig.at` returns.

    losses: the batch mean of each loss term that was computed, unweighted.
    `examples`, `seconds` and `elapsed` count from the start of training; only `elapsed` includes validations.
    `progress` (0 to 1) of the training was over when the step began. If its length is in seconds, `steps` is a guess.
    """

    event: ClassVar[str] = "step"
    step: int
    steps: int
    examples: int = field(metadata=stored_as("sentences"))
    seconds: float
    elapsed: float
    learning_rate: float
    total: float
    losses: Mapping[str, float] = field(default_factory=dict)
    progress: float = field(default=0.0, metadata=stored_as("share"))


@dataclass(frozen=True)
class GradientNorms:
    """The norm of each loss term's gradient with respect to the student at a step, and the terms' weights then."""

    event: ClassVar[str] = "gradients"
    step: int
    norms: Mapping[str, float]
    weights: Mapping[str, float]

    @property
    def shares(self) -> dict[str, float]:
        """Each term's share of the gradient: weight · norm, of their sum."""
        weighted = {name: self.weights[name] * norm for name, norm in self.norms.items()}
        total = sum(weighted.values())
        return {name: norm / total if total else 0.0 for name, norm in weighted.items()}


@dataclass(frozen=True)
class Similarity:
    """Linear CKA of every student layer (a row) with every teacher layer, and the (student, teacher) layer pairs."""

    event: ClassVar[str] = "similarity"
    step: int
    table: list[list[float]]
    pairs: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", tuple((student, teacher) for student, teacher in self.pairs))  # JSON: lists


@dataclass(frozen=True, kw_only=True)
class Validation:
    """The student on the validation split after `step` steps; `best` if no earlier one was better."""

    event: ClassVar[str] = "validation"
    step: int
    accuracy: float
    agreement: float
    loss: float
    teacher_accuracy: float
    best: bool


@dataclass(frozen=True, kw_only=True)
class TeacherValidation:
    """A teacher in fine-tuning, on the validation split after `step` steps; `best` if no earlier one was better.

    majority: the accuracy of always predicting the most frequent class of the same examples.
    """

    event: ClassVar[str] = "teacher_validation"
    step: int
    accuracy: float
    loss: float
    majority: float
    best: bool


@dataclass(frozen=True)
class ConditionAccuracy:
    """The same examples under several conditions of a spurious cue, after `step` steps.

    By condition: the student's accuracy, its agreement with the teacher, and the teacher's accuracy.
    """

    event: ClassVar[str] = "readings"
    step: int
    accuracy: Mapping[str, float]
    agreement: Mapping[str, float]
    teacher_accuracy: Mapping[str, float] = field(metadata=stored_as("teacher"))


@dataclass(frozen=True, kw_only=True)
class Finished:
    """The end of a run: the best checkpoint on the test split. `seconds` is the time of the whole run.

    `accuracy` is the student's. `evaluation` is None in runs of an earlier version. `conditions` is there if the task
    has a cue. `findings`: what the reader must know before the figures; empty in runs of an earlier version.
    """

    event: ClassVar[str] = "finished"
    run: str
    teacher_accuracy: float
    accuracy: float
    agreement: float
    counts: dict[str, Any]
    seconds: float
    examples_per_second: float = field(metadata=stored_as("sentences_per_second"))
    evaluation: Evaluation | None = field(default=None, metadata=stored_as("judgement"))
    conditions: ConditionAccuracy | None = field(default=None, metadata=stored_as("readings"))
    findings: tuple[Finding, ...] = ()

    @property
    def retention(self) -> float:
        """The student's accuracy over the teacher's."""
        return self.accuracy / self.teacher_accuracy

    def to_json(self) -> dict[str, Any]:
        """Every field, for the store: accuracies as objects of teacher and student."""
        data = to_json(self)
        teacher = {"accuracy": data.pop("teacher_accuracy")}
        student = {name: data.pop(name) for name in ("accuracy", "agreement")}
        return {"run": data.pop("run"), "teacher": teacher, "student": student, **data}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Finished:
        """The inverse of `to_json`; what a later version adds is left out, what an earlier one lacks is the default."""
        given = fields_from_json(Finished, data)
        if given.get("evaluation"):
            given["evaluation"] = Evaluation.from_json(given["evaluation"])
        if given.get("conditions"):
            given["conditions"] = ConditionAccuracy(**fields_from_json(ConditionAccuracy, given["conditions"]))
        given["findings"] = tuple(map(Finding.from_dict, given.get("findings", ())))
        teacher, student = data["teacher"], data["student"]
        figures = {
            "teacher_accuracy": teacher["accuracy"],
            **{name: student[name] for name in ("accuracy", "agreement")},
        }
        return Finished(**given | figures)


Event = (
    Started
    | Resumed
    | Preparing
    | TrainStep
    | GradientNorms
    | Similarity
    | Validation
    | ConditionAccuracy
    | TeacherValidation
    | Finished
)
_EVENTS: dict[str, type[Event]] = {cls.event: cls for cls in get_args(Event)}


def event_to_dict(event: Event) -> dict[str, Any]:
    """The event as JSON-ready data, its name under `event`.

    A step has every loss term as a key of its own, None if it was not computed. A result has no `readings` if its task
    has no cue, and no `findings` if there are none.
    """
    match event:
        case TrainStep():
            data = to_json(event)
            losses, progress = data.pop("losses"), data.pop("share")
            data |= {**{term.name: None for term in LOSS_TERMS}, **losses, "share": progress}
        case Finished():
            data = event.to_json()
            if event.conditions is None:
                del data["readings"]
            if not event.findings:
                del data["findings"]
        case _:
            data = to_json(event)
    return {"event": event.event, **data}


def event_from_dict(data: Mapping[str, Any]) -> Event:
    """The inverse of `event_to_dict`; unknown fields are left out, missing ones have their default.

    Raises KeyError if the event's name is unknown, or if it lacks what has no default.
    """
    cls = _EVENTS[data["event"]]
    if cls is Finished:
        return Finished.from_json(data)
    given = fields_from_json(cls, data)
    if cls is TrainStep:
        given["losses"] = {term.name: data[term.name] for term in LOSS_TERMS if data.get(term.name) is not None}
    return cls(**given)
