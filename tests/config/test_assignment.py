"""Assignments: what a link holds, which links are refused, and that nothing changes what an assignment fixes."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labcore.config import steps
from labcore.config.assignment import MAX_TEXT, Assignment, controls, lockable
from labcore.config.spec import DistilConfig, Final, Spec, SpecError
from labcore.config.steps import (
    Factorise,
    KeepLayers,
)
from labcore.views.controls import control_in_words
from tests.shared.assignments import SPEC, assignment, edited, nested

# -- the link ----------------------------------------------------------------------------------------


@given(
    locked=some.lists(some.sampled_from(lockable()), unique=True),
    hidden=some.lists(some.sampled_from(lockable()), unique=True),
    title=some.text(min_size=1, max_size=80).filter(str.strip),
    text=some.text(max_size=MAX_TEXT),
    large=some.booleans(),
)
def test_a_link_gives_the_assignment_back(locked: Any, hidden: Any, title: str, text: str, large: bool) -> None:
    given_ = assignment(locked=tuple(locked), hidden=tuple(hidden), title=title, text=text, large=large)
    assert Assignment.from_json(given_.to_json()) == given_


def test_a_link_opens_the_same_lab_after_any_default_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    link = assignment().to_json()
    before = Assignment.from_json(link).spec.to_dict()
    written = json.loads(link)["spec"]
    assert written["distil"].keys() == {field.name for field in fields(DistilConfig)}
    # Every default of the dataclasses becomes another allowed one; then the same text is read again.
    words = {"even": "last", "reviews": "news", "matrix": "global", "svd": "activation", "magnitude": "taylor"}

    def another(value: object) -> object:
        match value:
            case bool() | None | Final() | DistilConfig() | tuple():
                return value
            case str():
                return words.get(value, value)
            case int():
                return value + 1
            case float():
                return value + 0.5
            case _:  # what a factory makes
                return value

    for cls in (DistilConfig, Spec, *steps.KINDS):
        monkeypatch.setattr(cls.__init__, "__defaults__", tuple(map(another, cls.__init__.__defaults__ or ())))
    assert DistilConfig().soft == 1.3
    assert Factorise(rank=3).method == "activation"
    assert Assignment.from_json(link).spec.to_dict() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "at most 20,000"),
        ("[" * 10_000, "not JSON"),
        ("7", "no JSON object"),
        ("{}", "version is None"),
        (edited(lambda d: d.update(version=2)), "version is 2"),
        (edited(lambda d: d.update(version=True)), "version is True"),
        (edited(lambda d: d.pop("large")), "'large'"),
        (edited(lambda d: d.update(script="alert(1)")), "'script'"),
        (edited(lambda d: d.update(locked=["distil.sofft"])), "'distil.sofft'"),
        (edited(lambda d: d.update(hidden="distil")), "give a list"),
        (edited(lambda d: d.update(locked=[["distil"]])), "['distil']"),
        (edited(lambda d: d.update(title=" ")), "no title"),
        (edited(lambda d: d.update(title="x" * 81)), "at most 80"),
        (edited(lambda d: d.update(text="x" * 601)), "at most 600"),
        (edited(lambda d: d.update(text=None)), "text is None"),
        (edited(lambda d: d.update(title="\ud800")), "half a character"),
        (edited(lambda d: d.update(spec=nested(600))), "assistants form a chain"),
        (edited(lambda d: d.update(page="../etc")), "page"),
        (edited(lambda d: d.update(large=1)), "true or false"),
        (edited(lambda d: d.update(spec={"steps": [{"kind": "shrink"}]})), "shrink"),
    ],
)
def test_a_bad_link_is_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(SpecError, match=re.escape(words)):
        Assignment.from_json(text)


def test_controls_are_the_fields_of_the_spec() -> None:
    length = {"epochs", "steps", "seconds"}
    assert {name.split(".")[1] for name in controls() if name.startswith("distil.")} == {
        *(field.name for field in fields(DistilConfig) if field.name not in length),
        "length",
    }
    assert {name.split(".")[1] for name in controls() if name.startswith("steps.")} == {*steps.by_kind(), "kinds"}
    assert len({control_in_words(name) for name in lockable()}) == len(lockable())


@pytest.mark.parametrize(
    ("names", "new", "changed"),
    [
        (("teacher",), replace(SPEC, teacher="news", task="news"), ("teacher",)),
        (("steps.kinds",), replace(SPEC, steps=SPEC.steps[:1]), ("steps.kinds",)),
        (("steps.kinds",), replace(SPEC, steps=(SPEC.steps[0], Factorise(8))), ()),
        (("steps.factorise",), replace(SPEC, steps=(SPEC.steps[0], Factorise(8))), ("steps.factorise",)),
        (("steps.factorise",), replace(SPEC, steps=(KeepLayers(count=1), Factorise(64))), ()),
        (("steps",), replace(SPEC, steps=()), ("steps.kinds", "steps.keep_layers", "steps.factorise")),
        (("distil.seed",), replace(SPEC, distil=DistilConfig(seed=8)), ("distil.seed",)),
        (("distil.length",), replace(SPEC, distil=DistilConfig(seed=7, steps=5)), ("distil.length",)),
        (("distil",), replace(SPEC, distil=DistilConfig(seed=7, start="random")), ("distil.start",)),
        (("distil",), replace(SPEC, steps=()), ()),
    ],
)
def test_what_is_fixed_and_what_is_free(names: tuple[str, ...], new: Spec, changed: tuple[str, ...]) -> None:
    assert assignment(locked=names).changed_controls(new) == changed
    assert assignment(hidden=names).changed_controls(new) == changed
    assert assignment().changed_controls(new) == ()
