"""What you guessed and measured on the tour, as plain data: it outlives a reload, and the last page reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labcore.config.checks import SpecError, shown
from labcore.config.json_data import whole_object
from labcore.config.spec import Spec
from labcore.guide.tour.stop import Own

_ID = re.compile(r"[0-9a-f]{16}")
_FIELDS = ("id", "student", "guesses", "begun", "numbers", "questions")


def is_journal_id(text: str) -> bool:
    """Whether a text has the form of a journal's id, so that it can name no other file."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True)
class Journal:
    """One person's tour.

    student: your own, since you distilled it. guesses: the index of a choice, by stop. begun: the stops
    whose runs you have started. numbers: what you measured, by
    stop: a stop in it is done. questions: your choices on the last page, by question. Raises SpecError for an id of
    another form.
    """

    id: str
    student: Spec | None = None
    guesses: Mapping[str, int] = field(default_factory=dict)
    begun: tuple[str, ...] = ()
    numbers: Mapping[str, Own] = field(default_factory=dict)
    questions: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_journal_id(self.id):
            raise SpecError(f"the journal's id is {shown(self.id)}; give 16 hexadecimal digits")

    def guessed(self, stop: str, choice: int) -> Journal:
        """With a guess; the guess of a stop that is done stays, because its result is known."""
        return self if stop in self.numbers else replace(self, guesses={**self.guesses, stop: choice})

    def began(self, stop: str) -> Journal:
        """With the runs of a stop started."""
        return self if stop in self.begun else replace(self, begun=(*self.begun, stop))

    def measured(self, stop: str, own: Own) -> Journal:
        """With your numbers of a stop."""
        return replace(self, numbers={**self.numbers, stop: tuple(own)})

    def chose(self, question: str, choice: int) -> Journal:
        """With a choice on the last page."""
        return replace(self, questions={**self.questions, question: choice})

    def to_dict(self) -> dict[str, Any]:
        """The journal as JSON-ready data."""
        return {
            "id": self.id,
            "student": self.student and self.student.to_dict(),
            "guesses": dict(self.guesses),
            "begun": list(self.begun),
            "numbers": {stop: list(own) for stop, own in self.numbers.items()},
            "questions": dict(self.questions),
        }

    @staticmethod
    def from_dict(data: object) -> Journal:
        """The inverse of `to_dict`. Raises SpecError if the data are not a journal's."""
        given = whole_object("the journal", data, _FIELDS)
        for name in ("guesses", "questions"):
            _check_table(name, given[name], int)
        if not isinstance(given["numbers"], dict):
            raise SpecError(f"the journal's numbers are {shown(given['numbers'])}; give a JSON object")
        for stop, own in given["numbers"].items():
            _check_table(f"numbers of {stop}", dict(enumerate(own)) if isinstance(own, list) else own, int | float)
        if not isinstance(given["begun"], list) or not all(isinstance(stop, str) for stop in given["begun"]):
            raise SpecError(f"the journal's begun are {shown(given['begun'])}; give a list of stops")
        if not isinstance(given["id"], str):
            raise SpecError(f"the journal's id is {shown(given['id'])}; give 16 hexadecimal digits")
        return Journal(
            id=given["id"],
            student=None if given["student"] is None else Spec.from_dict(given["student"]),
            guesses=given["guesses"],
            begun=tuple(given["begun"]),
            numbers={stop: tuple(own) for stop, own in given["numbers"].items()},
            questions=given["questions"],
        )


def _check_table(name: str, table: object, kind: Any) -> None:
    """Raise SpecError unless it is a table whose values are of a kind."""
    if not isinstance(table, dict) or not all(isinstance(value, kind) for value in table.values()):
        raise SpecError(f"the journal's {name} are {shown(table)}; give numbers")
