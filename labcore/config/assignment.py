"""An assignment for a class, carried by a link: a full spec, the controls it fixes or hides, a title and a text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from labcore.config import steps
from labcore.config.checks import SpecError, check_switch, check_text, shown
from labcore.config.json_data import parsed
from labcore.config.spec import Spec
from labcore.config.training import DistilConfig

VERSION = 1
MAX_TITLE, MAX_TEXT, MAX_LINK = 80, 600, 20_000  # characters
LENGTH = ("epochs", "steps", "seconds")  # one control: the training length in one of these units


def controls() -> tuple[str, ...]:
    """The controls of a spec, each named by a dotted path into it."""
    return (
        "teacher",
        "steps.kinds",
        *(f"steps.{kind}" for kind in steps.by_kind()),
        *(f"distil.{field.name}" for field in fields(DistilConfig) if field.name not in LENGTH),
        "distil.length",
        "assistant",
    )


def lockable() -> tuple[str, ...]:
    """What an assignment can fix or hide: a control, or all controls below a path, such as `distil`."""
    return ("steps", "distil", *controls())


@dataclass(frozen=True)
class Assignment:
    """An assignment: its link opens `page` with this spec.

    spec: the state in which everybody begins. The link holds every field, so a later default changes nothing.
    locked: controls that show their value and keep it. hidden: controls that keep their value and are not drawn.
    large: type for a projector. Raises SpecError if a field has a type, length or name that is not allowed.
    """

    spec: Spec
    title: str
    text: str
    page: str
    locked: tuple[str, ...]
    hidden: tuple[str, ...]
    large: bool

    def __post_init__(self) -> None:
        for name, maximum in (("title", MAX_TITLE), ("text", MAX_TEXT)):
            check_text(f"the assignment's {name}", getattr(self, name), maximum)
        if not self.title.strip():
            raise SpecError("the assignment has no title; give it one, so that a class recognises it")
        if not isinstance(self.page, str) or not self.page.isidentifier():
            raise SpecError(f'the assignment\'s page is {shown(self.page)}; give the name of a page, such as "design"')
        for name in ("locked", "hidden"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        check_switch("the assignment's large", self.large)

    def hides(self, control: str) -> bool:
        """Whether the control is hidden."""
        return _covered(self.hidden, control)

    def fixes(self, control: str) -> bool:
        """Whether the control keeps its value: it is locked or hidden."""
        return _covered((*self.locked, *self.hidden), control)

    def changed_controls(self, spec: Spec) -> tuple[str, ...]:
        """The fixed controls whose value in `spec` differs from the assignment's."""
        return tuple(name for name in different_controls(self.spec, spec) if self.fixes(name))

    def to_json(self) -> str:
        """The assignment as compact JSON text with every field, as its link carries it."""
        data = {"version": VERSION} | {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(data | {"spec": self.spec.to_dict()}, separators=(",", ":"), ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> Assignment:
        """The assignment in a link's JSON text.

        Raises SpecError if the text is too long or not JSON, has another version, or if a field is unknown, missing or
        not valid.
        """
        if len(text) > MAX_LINK:
            raise SpecError(f"the assignment has {len(text):,} characters; give at most {MAX_LINK:,}")
        data = parsed(text, "the assignment", "copy its full link again")
        if not isinstance(data, dict):
            raise SpecError("the assignment is no JSON object; copy its full link again")
        version = data.pop("version", None)
        if version != VERSION or isinstance(version, bool):
            raise SpecError(
                f"the assignment's version is {shown(version)}; this lab reads version {VERSION}, so make a new link"
            )
        known = {field.name for field in fields(Assignment)}
        if data.keys() != known:
            wrong = ", ".join(sorted(shown(name) for name in data.keys() ^ known))
            raise SpecError(
                f"the assignment has unknown or missing fields: {wrong}; give version, {', '.join(sorted(known))}"
            )
        return Assignment(**{**data, "spec": Spec.from_dict(data["spec"])})


def _names(where: str, value: Any) -> tuple[str, ...]:
    """The names of controls, each of them checked."""
    if not isinstance(value, list | tuple):
        raise SpecError(f"the assignment's {where} is {shown(value)}; give a list of controls")
    for name in value:
        if name not in lockable():
            raise SpecError(f"the assignment's {where} names {shown(name)}; give some of {', '.join(lockable())}")
    return tuple(value)


def _covered(names: tuple[str, ...], control: str) -> bool:
    return any(control == name or control.startswith(f"{name}.") for name in names)


def different_controls(first: Spec, second: Spec) -> tuple[str, ...]:
    """The controls whose values differ between two specs."""
    return tuple(name for name in controls() if _value(first, name) != _value(second, name))


def _value(spec: Spec, control: str) -> object:
    """A control's value in a spec. A teacher includes its task; a kind of step includes all steps of that kind."""
    match control.split("."):
        case ["teacher"]:
            return spec.teacher, spec.task
        case ["assistant"]:
            return spec.assistant
        case ["steps", "kinds"]:
            return [step.kind for step in spec.steps]
        case ["steps", kind]:
            return [asdict(step) for step in spec.steps if step.kind == kind]
        case ["distil", "length"]:
            return [getattr(spec.distil, name) for name in LENGTH]
        case [_, name]:
            return getattr(spec.distil, name)
    raise ValueError(control)
