"""One person's way through the exercise, as plain, frozen, checked data, in and out of JSON.

An attempt is all that the exercise stores of a person. It holds three students, the person's own counts, a prediction
made before the runs, a choice and its reason. `labcore.exercise.stages` derives what is done and what comes next.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from labcore.config.checks import check_integer, check_number, check_switch, check_text, shown
from labcore.config.json_data import check_time, whole_object
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Step
from labcore.exercise.attempt_teacher import can_train, check_teacher_name
from labcore.exercise.signature import Signature
from labcore.teacher.task_of import task_of

VERSION = 1
SLOTS = ("A", "B", "C")
DEFAULT_CONFIG = DistilConfig(steps=200)  # short, and the same for all three so that they can be compared
# Names in JSON, as in the files of earlier versions.
CONFIG_KEY, ACCEPTABLE_LOSS_KEY = "lesson", "within"
LATER: dict[str, Any] = {"counting_line": "", "signature": None}  # fields that files of earlier versions lack
MAX_SEEDS = 3
MAX_NAME, MAX_REASON, MAX_LINE = 100, 5000, 1000  # characters
MAX_PARAMETERS = 10**12  # of a count: what is larger was mistyped
ACCEPTABLE_LOSSES = (0.01, 0.02, 0.03, 0.05, 0.1)  # of accuracy, of which a person chooses one
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Slot:
    """One of the three students: the steps that make it, and the person's own count of its parameters, or None."""

    steps: tuple[Step, ...] | None = None
    count: int | None = None


@dataclass(frozen=True)
class Attempt:
    """A person's exercise. Slots are numbered 0, 1, 2, and called A, B, C.

    config: the training configuration of all three, with seeds 0 up to `seeds`. shown: whether the person saw the
    right counts. acceptable_loss: of accuracy, against the teacher, as a fraction. predicted, begun: when the person
    predicted, and when the runs were requested (ISO 8601, UTC). again: how often the students or `config` changed
    after runs had begun; a later prediction is not blind. counting_line: the line that proves the counts; "" if they
    were typed, or if there are none. signature: the server's, of the state on disk; None if it was never signed.

    Raises SpecError if a value is out of its range.
    """

    id: str
    name: str = ""
    teacher: str = "reviews"
    slots: tuple[Slot, ...] = (Slot(), Slot(), Slot())
    config: DistilConfig = DEFAULT_CONFIG
    seeds: int = 1
    teacher_count: int | None = None
    shown: bool = False
    acceptable_loss: float = 0.03
    prediction: int | None = None
    predicted: str | None = None
    begun: str | None = None
    again: int = 0
    choice: int | None = None
    reason: str = ""
    counting_line: str = ""
    signature: Signature | None = field(default=None, compare=False)
    version: int = field(default=VERSION)

    def __post_init__(self) -> None:
        if isinstance(self.version, bool) or self.version != VERSION:
            raise SpecError(
                f"the attempt's version is {shown(self.version)}; "
                f"this lab reads version {VERSION}: use the lab that made it"
            )
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise SpecError(f"the attempt's id is {shown(self.id)}; give 16 of the characters 0-9 and a-f")
        check_text("name", self.name, MAX_NAME)
        if not self.name.isprintable():
            raise SpecError("name holds characters that can't be printed; give letters, spaces and punctuation")
        check_text("reason", self.reason, MAX_REASON)
        check_text("counting_line", self.counting_line, MAX_LINE)
        check_teacher_name(self.teacher)
        if len(self.slots) != len(SLOTS):
            raise SpecError(f"slots has {len(self.slots)} entries; give {len(SLOTS)}")
        if self.config.seed != 0:
            raise SpecError(
                f"the training configuration's seed is {shown(self.config.seed)}; give 0: `seeds` sets their number"
            )
        check_integer("seeds", self.seeds, 1, MAX_SEEDS)
        for name, count in (
            ("teacher_count", self.teacher_count),
            *((f"count of {n}", s.count) for n, s in self.named),
        ):
            if count is not None:
                check_integer(name, count, 1, MAX_PARAMETERS)
        check_switch("shown", self.shown)
        check_number(ACCEPTABLE_LOSS_KEY, self.acceptable_loss, 0.0)
        if self.acceptable_loss not in ACCEPTABLE_LOSSES:
            offered = ", ".join(map(str, ACCEPTABLE_LOSSES))
            raise SpecError(f"{ACCEPTABLE_LOSS_KEY} is {self.acceptable_loss!r}; give one of {offered}")
        for name in ("prediction", "choice"):
            if (slot := getattr(self, name)) is not None:
                check_integer(name, slot, 0, len(SLOTS) - 1)
        for name in ("predicted", "begun"):
            check_time(name, getattr(self, name))
        check_integer("again", self.again, 0)

    # -- what follows from it --------------------------------------------------------------------------------

    @property
    def named(self) -> tuple[tuple[str, Slot], ...]:
        """The slots with their letters."""
        return tuple(zip(SLOTS, self.slots, strict=True))

    @property
    def task(self) -> str:
        """The teacher's own task; `reviews` if it has no weights, or is not here (labcore.exercise.teacher_here)."""
        return task_of(self.teacher) or "reviews"

    @property
    def can_run(self) -> bool:
        """Whether its teacher has weights; else its students can be counted only."""
        return can_train(self.teacher)

    def spec(self, slot: int, seed: int = 0) -> Spec:
        """The run of one student with one seed; a copy of the teacher if the slot is empty."""
        return Spec(
            teacher=self.teacher,
            task=self.task,
            steps=self.slots[slot].steps or (),
            distil=replace(self.config, seed=seed),
        )

    @property
    def specs(self) -> tuple[Spec, ...]:
        """Every run of the attempt: all students of a seed, then the next seed."""
        return tuple(self.spec(slot, seed) for seed in range(self.seeds) for slot in range(len(SLOTS)))

    # -- what a person does --------------------------------------------------------------------------

    def with_student(self, slot: int, steps: tuple[Step, ...]) -> Attempt:
        """Another student in a slot, not yet counted."""
        if steps == self.slots[slot].steps:
            return self
        slots = tuple(Slot(steps) if i == slot else other for i, other in enumerate(self.slots))
        return replace(self._unpredicted(), slots=slots)

    def with_count(self, slot: int | None, count: int) -> Attempt:
        """The person's own count of a slot's student, or of the teacher (None)."""
        if slot is None:
            return replace(self, teacher_count=count)
        return replace(self, slots=tuple(replace(s, count=count) if i == slot else s for i, s in enumerate(self.slots)))

    def with_teacher(self, teacher: str) -> Attempt:
        """The same steps on another teacher, with no count yet."""
        if teacher == self.teacher:
            return self
        slots = tuple(Slot(slot.steps) for slot in self.slots)
        return replace(self._unpredicted(), teacher=teacher, slots=slots, teacher_count=None)

    def with_config(self, config: DistilConfig) -> Attempt:
        """Another training configuration for all three; its own seed is ignored, because `seeds` sets the seeds."""
        config = replace(config, seed=0)
        return self if config == self.config else replace(self._unpredicted(), config=config)

    def with_acceptable_loss(self, loss: float) -> Attempt:
        """Another acceptable loss of accuracy. Raises SpecError if runs have begun."""
        self._check_blind()
        return replace(self, acceptable_loss=loss)

    def with_prediction(self, slot: int, when: str | None = None) -> Attempt:
        """The prediction, and when it was made. Raises SpecError if runs have begun."""
        self._check_blind()
        return replace(self, prediction=slot, predicted=when or now())

    def begin(self, when: str | None = None) -> Attempt:
        """The attempt once its runs are requested; its prediction is final. Raises SpecError if it has none."""
        if self.prediction is None:
            raise SpecError("there is no prediction yet; predict the best trade-off, then run the students")
        return self if self.begun else replace(self, begun=when or max(now(), self.predicted or ""))  # a clock set back

    def cleared_in(self, changed: Attempt) -> tuple[str, ...]:
        """What this attempt has and a changed one lacks: `prediction`, `choice`, both or neither."""
        both = ((name, getattr(self, name), getattr(changed, name)) for name in ("prediction", "choice"))
        return tuple(name for name, before, after in both if before is not None and after is None)

    def _check_blind(self) -> None:
        if self.begun is not None:
            raise SpecError(
                "the runs have begun, so the prediction is final; "
                "change a student or the training configuration to predict again"
            )

    def _unpredicted(self) -> Attempt:
        """Without the prediction and the choice, which concern other students; `again` counts this."""
        again = self.again + (self.begun is not None)
        return replace(self, prediction=None, predicted=None, begun=None, choice=None, again=again)

    # -- JSON ----------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready data, with every field."""
        plain = {_key(name): value for name, value in asdict(self).items() if name not in ("slots", "config")}
        slots = [
            {"steps": None if slot.steps is None else self.spec(i).to_dict()["steps"], "count": slot.count}
            for i, slot in enumerate(self.slots)
        ]
        return plain | {"slots": slots, CONFIG_KEY: self.spec(0).to_dict()["distil"]}

    @staticmethod
    def from_dict(data: object) -> Attempt:
        """The inverse of `to_dict`. Raises SpecError if the data are not an attempt's."""
        if isinstance(data, dict) and data.get("version") != VERSION:  # before its fields, which may be other ones
            Attempt(new_id(), version=data.get("version", 0))
        data = LATER | data if isinstance(data, dict) else data
        given = whole_object("the attempt", data, tuple(_key(each.name) for each in fields(Attempt)))
        if not isinstance(given["slots"], list):
            raise SpecError(f"slots is {shown(given['slots'])}; give a list of {len(SLOTS)}")
        slots = tuple(_slot(slot) for slot in given.pop("slots"))
        config = Spec.from_dict({"distil": given.pop(CONFIG_KEY)}).distil
        loss, signature = given.pop(ACCEPTABLE_LOSS_KEY), Signature.from_dict(given.pop("signature"))
        return Attempt(**given, slots=slots, config=config, acceptable_loss=loss, signature=signature)


def _key(name: str) -> str:
    """The name of a field in JSON."""
    return {"config": CONFIG_KEY, "acceptable_loss": ACCEPTABLE_LOSS_KEY}.get(name, name)


def _slot(data: object) -> Slot:
    given = whole_object("a slot", data, ("steps", "count"))
    steps = None if given["steps"] is None else Spec.from_dict({"steps": given["steps"]}).steps
    return Slot(steps, given["count"])


def new_id() -> str:
    """An id that nobody can guess: whoever has an attempt's address can change it."""
    return secrets.token_hex(8)


def now() -> str:
    """The time as attempts store it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
