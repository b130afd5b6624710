"""A spec: one run as plain, frozen, validated data. Standard library only.

A `Spec` is all of the lab's state. Sliders edit it, links carry it, the command line reads it, the store keeps it,
and a rerun needs nothing else. The constructor checks it, so every existing Spec is well formed.
`labcore.compress.derive` checks what depends on the teacher, such as whether it has a layer 7.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from labcore.config.checks import SpecError, check_characters, known_fields, make_plain, shown
from labcore.config.json_data import parsed
from labcore.config.steps import Step, steps_from
from labcore.config.training import DistilConfig, Final

__all__ = ["MAX_STEPS", "DistilConfig", "Final", "Spec", "SpecError"]

MAX_STEPS = 12
MAX_ASSISTANTS = 3


# -- the spec ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spec:
    """One run: derive a student from `teacher` by `steps`, then distil it on `task`.

    `assistant`: the student of another run with this teacher and task; this student is distilled from it. The teacher
    is still the reference for derivation, counts and evaluation (Mirzadeh et al., 2020,
    https://arxiv.org/abs/1902.03393). Raises SpecError if a field is not valid.
    """

    teacher: str = "reviews"
    task: str = "reviews"
    steps: tuple[Step, ...] = ()
    distil: DistilConfig = field(default_factory=DistilConfig)
    assistant: Spec | None = None

    def __post_init__(self) -> None:
        """Check all fields. Steps, configuration and assistant can also be JSON objects."""
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
                        f"the assistant's {name} is {getattr(self.assistant, name)!r}, "
                        f"its student's {getattr(self, name)!r}; give both the same"
                    )
        if len(self.chain) - 1 > MAX_ASSISTANTS:
            raise SpecError(f"{len(self.chain) - 1} assistants form a chain; give at most {MAX_ASSISTANTS}")

    def of_teacher(self, teacher: str) -> Spec:
        """The same spec with another teacher, also for its assistants."""
        assistant = self.assistant and self.assistant.of_teacher(teacher)
        return replace(self, teacher=teacher, assistant=assistant)

    @property
    def chain(self) -> tuple[Spec, ...]:
        """The runs that lead to this student, each the teacher of the next; this one is the last."""
        return (*(self.assistant.chain if self.assistant else ()), self)

    def to_dict(self) -> dict[str, Any]:
        """The spec as JSON-ready data: steps with their `kind` and their set fields, `assistant` if it is set."""
        steps = [
            {"kind": step.kind} | {name: value for name, value in asdict(step).items() if value is not None}
            for step in self.steps
        ]
        distil = asdict(self.distil)
        distil["final"] = {name: value for name, value in distil["final"].items() if value is not None}
        assistant = {"assistant": self.assistant.to_dict()} if self.assistant else {}
        return {"teacher": self.teacher, "task": self.task, "steps": steps, "distil": distil} | assistant

    def to_json(self, indent: int | None = None) -> str:
        """The spec as JSON text; compact if `indent` is None, as a link carries it."""
        return json.dumps(self.to_dict(), indent=indent, separators=(",", ":") if indent is None else None)

    @staticmethod
    def from_dict(data: object) -> Spec:
        """The spec in JSON data; a missing field takes its default. Raises SpecError if the data are not valid."""
        given = known_fields("the spec", data, Spec)
        _check_depth(data)
        return Spec(**given)

    @staticmethod
    def _assistant(data: object, student: dict[str, Any]) -> Spec:
        """An assistant's spec; without a teacher and task of its own, it has its student's."""
        same = {name: student[name] for name in ("teacher", "task") if name in student}
        return Spec.from_dict(same | data if isinstance(data, dict) else data)

    @staticmethod
    def from_json(text: str) -> Spec:
        """The spec in JSON text. Raises SpecError if the text is not JSON or the spec not valid."""
        return Spec.from_dict(parsed(text, "the spec", 'give one JSON object, such as {"teacher": "reviews"}'))


def _check_depth(data: Any) -> None:
    """Raise SpecError if a spec nests too many assistants, before the lab reads any of them."""
    for _ in range(MAX_ASSISTANTS + 1):
        data = data.get("assistant") if isinstance(data, dict) else None
    if data is not None:
        raise SpecError(f"more than {MAX_ASSISTANTS} assistants form a chain; give at most {MAX_ASSISTANTS}")
