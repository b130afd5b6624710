"""What to do: one experiment as plain, frozen, validated data. Standard library only.

A `Spec` is the lab's whole state. Sliders edit it, links carry it, the command line reads it, the store
keeps it, and it is all that a rerun needs. It is checked where it is made, so a Spec that exists is well
formed; what only the teacher can tell (is there a layer 7?) is checked by `labcore.compress.derive`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from labcore.config.checks import SpecError, check_characters, known_fields, make_plain, shown
from labcore.config.steps import Step, steps_from
from labcore.config.training import DistilConfig, Final

__all__ = ["MAX_STEPS", "DistilConfig", "Final", "Spec", "SpecError"]

MAX_STEPS = 12
MAX_ASSISTANTS = 3


# -- the spec ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spec:
    """One experiment: derive a student from `teacher` by `steps`, then distil it on `task`.

    `assistant`, the student of another experiment with this teacher and task, teaches in the teacher's place. What is
    derived, counted and judged is still measured by the teacher (Mirzadeh et al., 2020, https://arxiv.org/abs/1902.03393).
    """

    teacher: str = "reviews"
    task: str = "reviews"
    steps: tuple[Step, ...] = ()
    distil: DistilConfig = field(default_factory=DistilConfig)
    assistant: Spec | None = None

    def __post_init__(self) -> None:
        """Steps, configuration and assistant may be given as JSON objects, too."""
        make_plain(self)
        if isinstance(self.teacher, os.PathLike):
            object.__setattr__(self, "teacher", os.fspath(self.teacher))
        for name in ("teacher", "task"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise SpecError(f'{name} is {shown(value)}; give its name, such as "reviews"')
            check_characters(name, value)
        object.__setattr__(self, "steps", steps_from(self.steps))
        if not isinstance(self.distil, DistilConfig):
            object.__setattr__(self, "distil", DistilConfig(**known_fields("distil", self.distil, DistilConfig)))
        if self.assistant is not None and not isinstance(self.assistant, Spec):
            object.__setattr__(self, "assistant", Spec._assistant(self.assistant, vars(self)))
        if len(self.steps) > MAX_STEPS:
            raise SpecError(f"steps has {len(self.steps)} entries; give at most {MAX_STEPS}")
        if self.assistant is not None:
            for name in ("teacher", "task"):
                if getattr(self.assistant, name) != getattr(self, name):
                    raise SpecError(
                        f"the assistant's {name} is {getattr(self.assistant, name)!r}, its student's {getattr(self, name)!r}; "
                        "give both the same"
                    )
        if len(self.chain) - 1 > MAX_ASSISTANTS:
            raise SpecError(f"{len(self.chain) - 1} assistants stand in a row; give at most {MAX_ASSISTANTS}")

    def of_teacher(self, teacher: str) -> Spec:
        """The same spec of another teacher, its assistants' too."""
        assistant = self.assistant and self.assistant.of_teacher(teacher)
        return replace(self, teacher=teacher, assistant=assistant)

    @property
    def chain(self) -> tuple[Spec, ...]:
        """The experiments that lead to this one's student, each teaching the next; this one is the last."""
        return (*(self.assistant.chain if self.assistant else ()), self)

    def to_dict(self) -> dict[str, Any]:
        """The spec as JSON-ready data; steps carry their `kind` and no field that is not set, `assistant` is there if it is set."""
        steps = [
            {"kind": step.kind} | {name: value for name, value in asdict(step).items() if value is not None}
            for step in self.steps
        ]
        distil = asdict(self.distil)
        distil["final"] = {name: value for name, value in distil["final"].items() if value is not None}
        by_way_of = {"assistant": self.assistant.to_dict()} if self.assistant else {}
        return {"teacher": self.teacher, "task": self.task, "steps": steps, "distil": distil} | by_way_of

    def to_json(self, indent: int | None = None) -> str:
        """The spec as JSON text; compact where `indent` is None, as a link carries it."""
        return json.dumps(self.to_dict(), indent=indent, separators=(",", ":") if indent is None else None)

    @staticmethod
    def from_dict(data: object) -> Spec:
        """The spec in JSON data; a missing field takes its default. Raises SpecError."""
        given = known_fields("the spec", data, Spec)
        _check_depth(data)
        return Spec(**given)

    @staticmethod
    def _assistant(data: object, student: dict[str, Any]) -> Spec:
        """An assistant's spec; where it does not name teacher and task, they are its student's."""
        same = {name: student[name] for name in ("teacher", "task") if name in student}
        return Spec.from_dict(same | data if isinstance(data, dict) else data)

    @staticmethod
    def from_json(text: str) -> Spec:
        """The spec in JSON text. Raises SpecError, also for text that is not JSON."""
        try:
            data = json.loads(text, parse_constant=_refuse_constant)
        except SpecError:
            raise
        except (ValueError, RecursionError) as error:  # not JSON, or a number too long to read
            raise SpecError(
                f'the spec is not JSON ({error}); give one JSON object, such as {{"teacher": "reviews"}}'
            ) from None
        return Spec.from_dict(data)


def _check_depth(data: Any) -> None:
    """Raise SpecError where a spec holds more assistants in each other than may be, before any of them is read."""
    for _ in range(MAX_ASSISTANTS + 1):
        data = data.get("assistant") if isinstance(data, dict) else None
    if data is not None:
        raise SpecError(f"more than {MAX_ASSISTANTS} assistants stand in a row; give at most {MAX_ASSISTANTS}")


def _refuse_constant(name: str) -> None:
    raise SpecError(f"the spec holds {name}, which is not a number; give finite numbers only")
