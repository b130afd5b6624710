"""One person's way through the exercise, as plain, frozen, checked data, in and out of JSON.

An attempt is all that the exercise knows of a person: three students, their own counts, a prediction made before the
runs, a choice and its reason. What is done and what comes next follows from it: see `labcore.exercise.stages`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from labcore.config.spec import DistilConfig, Spec, SpecError, Step
from labcore.config.steps import check_integer, check_number, check_switch, check_text, shown
from labcore.models.architecture import BUILT_IN, TASK_OF, TEACHERS
from labcore.system.json_data import check_time, whole_object

VERSION = 1
SLOTS = ("A", "B", "C")
LESSON = DistilConfig(steps=200)  # short, and the same for all three so that they can be compared
MAX_SEEDS = 3
MOST_NAME, MOST_REASON = 100, 5000  # characters
DISTANCES = (0.01, 0.02, 0.03, 0.05, 0.1)  # from the teacher's accuracy, of which a person chooses one
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Slot:
    """One of the three students: the steps that make it, and how many parameters the person counted; None until then."""

    steps: tuple[Step, ...] | None = None
    count: int | None = None


@dataclass(frozen=True)
class Attempt:
    """A person's exercise. Slots are numbered 0, 1, 2, and called A, B, C.

    lesson: how all three are taught, with seeds 0 up to `seeds`. shown: whether the right counts were looked at.
    within: how far below the teacher's accuracy a student may be and still be good enough. predicted, begun: when the
    prediction was made, and when the runs were asked for (ISO 8601, UTC). again: how often the students or the lesson
    were changed once runs had begun, so that what is predicted after that is not predicted blind.
    """

    id: str
    name: str = ""
    teacher: str = "reviews"
    slots: tuple[Slot, ...] = (Slot(), Slot(), Slot())
    lesson: DistilConfig = LESSON
    seeds: int = 1
    teacher_count: int | None = None
    shown: bool = False
    within: float = 0.03
    prediction: int | None = None
    predicted: str | None = None
    begun: str | None = None
    again: int = 0
    choice: int | None = None
    reason: str = ""
    version: int = field(default=VERSION)

    def __post_init__(self) -> None:
        if isinstance(self.version, bool) or self.version != VERSION:
            raise SpecError(
                f"the attempt's version is {shown(self.version)}; this lab reads version {VERSION}: use the lab that made it"
            )
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise SpecError(f"the attempt's id is {shown(self.id)}; give 16 of the characters 0-9 and a-f")
        check_text("name", self.name, MOST_NAME)
        if not self.name.isprintable():
            raise SpecError("name holds characters that can't be printed; give letters, spaces and signs")
        check_text("reason", self.reason, MOST_REASON)
        if not isinstance(self.teacher, str) or self.teacher not in BUILT_IN:
            raise SpecError(f"teacher is {shown(self.teacher)}; the exercise takes one of {', '.join(BUILT_IN)}")
        if len(self.slots) != len(SLOTS):
            raise SpecError(f"slots has {len(self.slots)} entries; give {len(SLOTS)}")
        if self.lesson.seed != 0:
            raise SpecError(f"lesson.seed is {shown(self.lesson.seed)}; give 0: `seeds` says how many are run")
        check_integer("seeds", self.seeds, 1, MAX_SEEDS)
        for where, count in (
            ("teacher_count", self.teacher_count),
            *((f"count of {n}", s.count) for n, s in self.named),
        ):
            if count is not None:
                check_integer(where, count, 1, 10**12)
        check_switch("shown", self.shown)
        check_number("within", self.within, 0.0)
        if self.within not in DISTANCES:
            raise SpecError(f"within is {self.within!r}; give one of {', '.join(map(str, DISTANCES))}")
        for where in ("prediction", "choice"):
            if (slot := getattr(self, where)) is not None:
                check_integer(where, slot, 0, len(SLOTS) - 1)
        for where in ("predicted", "begun"):
            check_time(where, getattr(self, where))
        check_integer("again", self.again, 0)

    # -- what it says --------------------------------------------------------------------------------

    @property
    def named(self) -> tuple[tuple[str, Slot], ...]:
        """The slots with their letters."""
        return tuple(zip(SLOTS, self.slots, strict=True))

    @property
    def task(self) -> str:
        """What its teacher teaches; a teacher without weights is counted with the word pieces of `reviews`."""
        return TASK_OF.get(self.teacher, "reviews")

    @property
    def can_run(self) -> bool:
        """Whether its teacher has weights; otherwise students of it can be counted, no more."""
        return self.teacher in TEACHERS

    def spec(self, slot: int, seed: int = 0) -> Spec:
        """The experiment of one student with one seed; a copy of the teacher where the slot is empty."""
        return Spec(self.teacher, self.task, self.slots[slot].steps or (), replace(self.lesson, seed=seed))

    @property
    def specs(self) -> tuple[Spec, ...]:
        """Every experiment that it asks for: all students of a seed, then the next seed."""
        return tuple(self.spec(slot, seed) for seed in range(self.seeds) for slot in range(len(SLOTS)))

    # -- what a person does --------------------------------------------------------------------------

    def with_student(self, slot: int, steps: tuple[Step, ...]) -> Attempt:
        """Another student in a slot; its count goes with the one before."""
        if steps == self.slots[slot].steps:
            return self
        slots = tuple(Slot(steps) if i == slot else other for i, other in enumerate(self.slots))
        return replace(self._anew(), slots=slots)

    def with_count(self, slot: int | None, count: int) -> Attempt:
        """The person's own count of a slot's student, or of the teacher (None)."""
        if slot is None:
            return replace(self, teacher_count=count)
        return replace(self, slots=tuple(replace(s, count=count) if i == slot else s for i, s in enumerate(self.slots)))

    def with_teacher(self, teacher: str) -> Attempt:
        """The same steps on another teacher; all counts go."""
        if teacher == self.teacher:
            return self
        slots = tuple(Slot(slot.steps) for slot in self.slots)
        return replace(self._anew(), teacher=teacher, slots=slots, teacher_count=None)

    def with_distil(self, lesson: DistilConfig) -> Attempt:
        """Another lesson for all three; its seed is left to `seeds`."""
        lesson = replace(lesson, seed=0)
        return self if lesson == self.lesson else replace(self._anew(), lesson=lesson)

    def with_distance(self, within: float) -> Attempt:
        """Another distance from the teacher that is still good enough. Raises SpecError once runs have begun."""
        self._check_blind()
        return replace(self, within=within)

    def with_prediction(self, slot: int, when: str | None = None) -> Attempt:
        """The prediction, and when it was made. Raises SpecError once runs have begun."""
        self._check_blind()
        return replace(self, prediction=slot, predicted=when or now())

    def begin(self, when: str | None = None) -> Attempt:
        """The runs are asked for: from here on the prediction stands. Raises SpecError where there is none."""
        if self.prediction is None:
            raise SpecError("there is no prediction yet; predict which student trades best, then run them")
        return self if self.begun else replace(self, begun=when or now())

    def _check_blind(self) -> None:
        if self.begun is not None:
            raise SpecError(
                "the runs have begun, so the prediction stands; change a student or the lesson to begin anew"
            )

    def _anew(self) -> Attempt:
        """Without what was said of other students: the prediction and the choice. What was seen stays noted."""
        again = self.again + (self.begun is not None)
        return replace(self, prediction=None, predicted=None, begun=None, choice=None, again=again)

    # -- JSON ----------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready data, with every field."""
        said = {name: value for name, value in asdict(self).items() if name not in ("slots", "lesson")}
        as_json = [self.spec(i).to_dict()["steps"] for i in range(len(SLOTS))]
        slots = [
            {"steps": None if slot.steps is None else steps, "count": slot.count}
            for slot, steps in zip(self.slots, as_json, strict=True)
        ]
        return said | {"slots": slots, "lesson": self.spec(0).to_dict()["distil"]}

    @staticmethod
    def from_dict(data: object) -> Attempt:
        """The inverse of `to_dict`. Raises SpecError, which says what is wrong with the data."""
        if isinstance(data, dict) and data.get("version") != VERSION:  # before its fields, which may be other ones
            Attempt(new_id(), version=data.get("version", 0))
        given = whole_object("the attempt", data, tuple(f.name for f in fields(Attempt)))
        if not isinstance(given["slots"], list):
            raise SpecError(f"slots is {shown(given['slots'])}; give a list of {len(SLOTS)}")
        slots = []
        for slot in given["slots"]:
            found = whole_object("a slot", slot, ("steps", "count"))
            steps = None if found["steps"] is None else Spec.from_dict({"steps": found["steps"]}).steps
            slots.append(Slot(steps, found["count"]))
        lesson = Spec.from_dict({"distil": given["lesson"]}).distil
        return Attempt(**given | {"slots": tuple(slots), "lesson": lesson})


def new_id() -> str:
    """An id that nobody guesses: an attempt's address is all that is needed to go on with it."""
    return secrets.token_hex(8)


def now() -> str:
    """The time, as attempts note it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
