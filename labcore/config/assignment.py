"""A lesson that a teacher gives to a class by a link: a whole spec, what of it is fixed or out of sight, and a few words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from labcore.config.spec import Spec
from labcore.config.steps import STEPS, SpecError, check_switch, check_text, shown
from labcore.config.training import DistilConfig

VERSION = 1
MOST_TITLE, MOST_TEXT, MOST_LINK = 80, 600, 20_000  # characters
LENGTH = ("epochs", "steps", "seconds")  # one length, counted in one of these

# What a control sets, as a dotted path into the spec. A path covers all below it: `distil` is the whole lesson.
CONTROLS: tuple[str, ...] = (
    "teacher",
    "steps.kinds",
    *(f"steps.{kind}" for kind in STEPS),
    *(f"distil.{field.name}" for field in fields(DistilConfig) if field.name not in LENGTH),
    "distil.length",
    "assistant",
)
NAMES: tuple[str, ...] = ("steps", "distil", *CONTROLS)  # what may be fixed or hidden


@dataclass(frozen=True)
class Assignment:
    """A lesson to be opened by its link, on `page`.

    spec: where everybody begins, every field of it, so that a later default changes nothing. locked: controls that show
    their value and keep it. hidden: controls that are not drawn, and keep it as well. large: type for a projector.
    Raises SpecError for what can't be.
    """

    spec: Spec
    title: str
    text: str
    page: str
    locked: tuple[str, ...]
    hidden: tuple[str, ...]
    large: bool

    def __post_init__(self) -> None:
        for name, most in (("title", MOST_TITLE), ("text", MOST_TEXT)):
            check_text(f"the lesson's {name}", getattr(self, name), most)
        if not self.title.strip():
            raise SpecError("the lesson has no title; give it one, so that a class sees where it is")
        if not isinstance(self.page, str) or not self.page.isidentifier():
            raise SpecError(f'the lesson\'s page is {shown(self.page)}; give the name of a page, such as "design"')
        for name in ("locked", "hidden"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        check_switch("the lesson's large", self.large)

    def hides(self, control: str) -> bool:
        """Whether the control is out of sight."""
        return _covered(self.hidden, control)

    def fixes(self, control: str) -> bool:
        """Whether the control keeps its value: it is locked, or out of sight."""
        return _covered((*self.locked, *self.hidden), control)

    def strays(self, spec: Spec) -> tuple[str, ...]:
        """The fixed controls in which a spec is not the lesson's."""
        return tuple(name for name in CONTROLS if self.fixes(name) and _value(spec, name) != _value(self.spec, name))

    def to_json(self) -> str:
        """The lesson as compact JSON text, as its link carries it: every field written out."""
        data = {"version": VERSION} | {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(data | {"spec": self.spec.to_dict()}, separators=(",", ":"), ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> Assignment:
        """The lesson in a link. Raises SpecError for another version, unknown or missing fields, and all that can't be."""
        if len(text) > MOST_LINK:
            raise SpecError(f"the lesson has {len(text):,} characters; give at most {MOST_LINK:,}")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise SpecError("the lesson is not JSON; copy its link once more, whole") from None
        if not isinstance(data, dict):
            raise SpecError("the lesson is no JSON object; copy its link once more, whole")
        version = data.pop("version", None)
        if version != VERSION or isinstance(version, bool):
            raise SpecError(
                f"the lesson's version is {shown(version)}; this lab reads version {VERSION}, so make the link anew"
            )
        known = {field.name for field in fields(Assignment)}
        if data.keys() != known:
            odd = ", ".join(sorted(shown(name) for name in data.keys() ^ known))
            raise SpecError(f"the lesson lacks, or should not have: {odd}; it has version, {', '.join(sorted(known))}")
        return Assignment(**{**data, "spec": Spec.from_dict(data["spec"])})


def _names(where: str, value: Any) -> tuple[str, ...]:
    """The names of controls, once each is known."""
    if not isinstance(value, list | tuple):
        raise SpecError(f"the lesson's {where} is {shown(value)}; give a list of controls")
    for name in value:
        if name not in NAMES:
            raise SpecError(f"the lesson's {where} names {shown(name)}; give some of {', '.join(NAMES)}")
    return tuple(value)


def _covered(names: tuple[str, ...], control: str) -> bool:
    return any(control == name or control.startswith(f"{name}.") for name in names)


def _value(spec: Spec, control: str) -> object:
    """What a spec says of a control. A teacher brings its task along; a step's sliders are those of all steps of its kind."""
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
