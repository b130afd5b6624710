"""Lessons by link: what a link holds, what it refuses, and that nothing goes round what it fixes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from labcore.config import steps
from labcore.config.assignment import MOST_TEXT, Assignment, controls, lockable
from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Final, Spec, SpecError
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.exercise.attempt_store import keep
from labcore.runs.store import Store
from labcore.views.controls import control_in_words
from tests.shared.pages import APP, charts
from tests.shared.runs import finished

SPEC = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)), distil=DistilConfig(seed=7))


def lesson(**changes: Any) -> Assignment:
    plain = Assignment(SPEC, "How small?", "Move the rank.", "design", (), (), False)
    return replace(plain, **changes)


# -- the link ----------------------------------------------------------------------------------------


@given(
    locked=some.lists(some.sampled_from(lockable()), unique=True),
    hidden=some.lists(some.sampled_from(lockable()), unique=True),
    title=some.text(min_size=1, max_size=80).filter(str.strip),
    text=some.text(max_size=MOST_TEXT),
    large=some.booleans(),
)
def test_a_link_gives_the_lesson_back(locked: Any, hidden: Any, title: str, text: str, large: bool) -> None:
    given_ = lesson(locked=tuple(locked), hidden=tuple(hidden), title=title, text=text, large=large)
    assert Assignment.from_json(given_.to_json()) == given_


def test_a_link_opens_the_same_lab_after_any_default_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    link = lesson().to_json()
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

    for cls in (DistilConfig, Spec, *get_args(Step)):
        monkeypatch.setattr(cls.__init__, "__defaults__", tuple(map(another, cls.__init__.__defaults__ or ())))
    assert DistilConfig().soft == 1.3
    assert Factorise(rank=3).method == "activation"
    assert Assignment.from_json(link).spec.to_dict() == before


def nested(depth: int) -> dict[str, Any]:
    """A spec with so many assistants in each other."""
    spec: dict[str, Any] = {}
    for _ in range(depth):
        spec = {"assistant": spec}
    return spec


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(lesson().to_json())
    change(data)
    return json.dumps(data)


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
        (edited(lambda d: d.update(spec=nested(600))), "assistants stand in a row"),
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
    ("names", "new", "strayed"),
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
def test_what_is_fixed_and_what_is_free(names: tuple[str, ...], new: Spec, strayed: tuple[str, ...]) -> None:
    assert lesson(locked=names).strays(new) == strayed
    assert lesson(hidden=names).strays(new) == strayed
    assert lesson().strays(new) == ()


# -- the pages ---------------------------------------------------------------------------------------


def in_class(given_: Assignment | str, page: str | None = None, **address: str) -> AppTest:
    """The lab opened by a lesson's link, on the page that the lesson says, then on `page`."""
    test = AppTest.from_file(APP, default_timeout=60)
    test.query_params["lesson"] = given_ if isinstance(given_, str) else given_.to_json()
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    return test.switch_page(f"pages/{page}.py").run() if page else test


WIDGETS = ("slider", "select_slider", "segmented_control", "pills", "toggle", "selectbox", "number_input")
EVERY_STEP: tuple[Step, ...] = (
    KeepLayers(count=3),
    Manual(),
    PruneHeads(6),
    PruneNeurons(768),
    Prune(0.5),
    Factorise(64),
    FactoriseEmbeddings(128),
    TrimVocabulary(size=8000),
)
FULL = DistilConfig(
    hidden=0.1, cosine=0.1, logit=0.1, relation=0.1, schedule="linear", final=Final(hard=1.0), gradual=True, patience=2
)


def controls(test: AppTest) -> dict[str, bool]:
    """Every control that is bound to the spec, and whether it is disabled. `look` and the like are not."""
    own = ("look", "spread", "matrix", "share-", "lesson-", "large")
    found = {w.key: w.disabled for kind in WIDGETS for w in test.get(kind) if w.key and not w.key.startswith(own)}
    assert not test.exception, [e.value for e in test.exception]
    return found


@pytest.mark.parametrize("step", EVERY_STEP, ids=lambda step: step.kind)
def test_every_control_of_design_is_locked_by_a_name(step: Step) -> None:
    spec = Spec(steps=(step,))
    free = controls(in_class(lesson(spec=spec)))
    assert not any(free.values())
    assert all(controls(in_class(lesson(spec=spec, locked=("teacher", "steps")))).values())
    sliders = controls(in_class(lesson(spec=spec, locked=(f"steps.{step.kind}",))))
    assert sliders.keys() == free.keys()
    assert {key for key, disabled in sliders.items() if not disabled} == {"teacher", "kind-0"}
    assert controls(in_class(lesson(spec=spec, hidden=("teacher", "steps")))) == {}


def test_every_control_of_distil_is_locked_by_a_name() -> None:
    spec = Spec(steps=(Prune(0.5),), distil=FULL)
    free = controls(in_class(lesson(spec=spec, page="distil")))
    assert len(free) > 25
    assert not any(free.values())
    assert all(controls(in_class(lesson(spec=spec, page="distil", locked=("distil",)))).values())
    assert controls(in_class(lesson(spec=spec, page="distil", hidden=("distil",)))) == {}
    drawn = set()
    for name in controls():
        if name.startswith("distil."):
            one = controls(in_class(lesson(spec=spec, page="distil", locked=(name,))))
            locked = {key for key, disabled in one.items() if disabled}
            assert locked or name == "distil.start", name
            assert not locked & drawn, "a control has two names"
            drawn |= locked
    assert drawn == free.keys()


def test_a_lesson_opens_on_its_page_with_its_spec_and_stays_in_the_address() -> None:
    given_ = lesson(page="distil", large=True, locked=("distil.hard",))
    test = in_class(given_)
    assert test.title[0].value == "Distil the student"
    assert test.session_state["spec"] == SPEC
    assert [text.value for text in test.text][:2] == ["How small?", "Move the rank."]
    for page in ("start", "frontier", "design"):
        test.switch_page(f"pages/{page}.py").run()
        assert Assignment.from_json(str(test.query_params["lesson"])) == given_
        assert test.query_params["large"] == "1"
        assert test.text[0].value == "How small?"


def test_a_refresh_keeps_the_lesson_and_what_was_changed() -> None:
    test = in_class(lesson(page="distil", locked=("distil.hard",)))
    test.slider(key="soft").set_value(0.5).run()
    test.switch_page("pages/start.py").run()
    address = {name: str(test.query_params[name]) for name in ("spec", "lesson")}
    again = in_class(address["lesson"], spec=address["spec"])
    assert again.title[0].value.startswith("Shrink")  # the page that was open, not the lesson's first
    again.switch_page("pages/distil.py").run()
    assert again.slider(key="soft").value == 0.5
    assert again.slider(key="hard").disabled
    assert "Fixed in this lesson" in again.slider(key="hard").help


def test_nothing_goes_round_a_lock() -> None:
    locked = lesson(locked=("steps", "distil.hard"))
    light = replace(SPEC, steps=PRESETS[0].spec.steps)
    test = in_class(locked, spec=light.to_json())
    assert "has fixed “Student: which steps”" in test.error[0].value.replace("\\", "")
    assert test.session_state["spec"] == SPEC
    test.switch_page("pages/start.py").run()
    assert all(button.disabled for button in test.button if str(button.key).startswith("preset-"))
    test.switch_page("pages/design.py").run()
    keys = {str(button.key) for button in test.button}
    assert not {key for key in keys if key.startswith(("add-", "begin-"))}
    assert all(button.disabled for button in test.button if str(button.key).startswith(("remove-", "up-", "down-")))
    test.selectbox(key="teacher").set_value("bert-tiny").run()  # it would need other steps
    assert "Not changed: this lesson has fixed" in test.error[-1].value
    run = finished(light)
    test.session_state["run"] = run
    test.switch_page("pages/distil.py").run()
    assert "balance" not in {str(button.key) for button in test.button}
    test.button(key="take").click().run()
    assert "has fixed" in test.error[0].value
    assert test.session_state["spec"] == SPEC
    test.slider(key="soft").set_value(0.5).run()
    assert not test.error
    test.button(key="undo").click().run()
    assert test.session_state["spec"] == SPEC
    assert test.button(key="undo").disabled


def test_the_way_out_keeps_what_was_set() -> None:
    test = in_class(lesson(page="distil", locked=("distil.hard",), hidden=("distil.seed",)))
    assert "seed" not in {w.key for w in test.number_input}
    test.slider(key="soft").set_value(0.5).run()
    test.button(key="leave-lesson").click().run()
    assert "lesson" not in test.query_params
    assert not test.text
    test.slider(key="hard").set_value(0.5).run()
    config = test.session_state["spec"].distil
    assert (config.hard, config.soft, config.seed) == (0.5, 0.5, 7)
    assert test.number_input(key="seed").value == 7


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("spec", json.dumps(nested(600))),
        ("with", f"[{'1' * 5000}]"),
        ("with", "[" * 5000),
        ("lesson", '{"title":"\\ud800"}'),
    ],
    ids=["assistants", "digits", "depth", "half a character"],
)
def test_an_address_that_somebody_made_up_is_told_of_and_the_lab_goes_on(name: str, text: str) -> None:
    test = AppTest.from_file(APP, default_timeout=60)
    test.query_params[name] = text
    test.run()
    assert not test.exception
    assert "could not be opened" in test.error[0].value


def test_a_lesson_that_fixes_the_student_keeps_it_from_the_exercise_too(store: Store) -> None:
    attempt = Attempt(new_id(), slots=(Slot((KeepLayers(count=2),)), Slot(), Slot()))
    keep(attempt, store)
    test = AppTest.from_file(APP, default_timeout=60)
    test.query_params["lesson"] = lesson(locked=("steps",)).to_json()
    test.query_params["attempt"] = attempt.id
    test.run()
    test.switch_page("pages/exercise.py").run()
    assert not test.exception
    assert test.button(key="design-A").disabled


@pytest.mark.parametrize("text", ["{", edited(lambda d: d.update(version=2)), edited(lambda d: d.update(page="moon"))])
def test_a_bad_lesson_is_told_of_and_the_lab_goes_on(text: str) -> None:
    test = in_class(text)
    assert not test.exception
    assert "his lesson" in test.error[0].value
    test.switch_page("pages/design.py").run()
    assert not test.exception


def test_what_a_lesson_says_is_shown_as_it_is_typed() -> None:
    bad = "<script>alert(1)</script> ![x](http://example.com/x.png) **bold**"
    test = in_class(lesson(title=bad[:80], text=bad, locked=("steps",)))
    assert [text.value for text in test.text] == [bad[:80], bad]  # st.text knows neither HTML nor Markdown


def test_a_link_is_made_on_the_first_page_and_opens() -> None:
    test = AppTest.from_file(APP, default_timeout=60)
    test.query_params["spec"] = SPEC.to_json()
    test.run()
    assert not test.code
    test.text_input(key="lesson-title").set_value("Rank").run()
    test.text_area(key="lesson-text").set_value("Try & see").run()
    test.selectbox(key="lesson-page").set_value("distil").run()
    test.multiselect(key="lesson-locked").set_value(["steps", "distil.temperature"]).run()
    test.multiselect(key="lesson-hidden").set_value(["distil.seed"]).run()
    [made] = [code.value for code in test.code if "lesson=" in code.value]
    [text] = parse_qs(urlsplit(made).query)["lesson"]
    assert Assignment.from_json(text) == Assignment(
        SPEC, "Rank", "Try & see", "distil", ("steps", "distil.temperature"), ("distil.seed",), False
    )
    assert in_class(text).slider(key="temperature").disabled


def test_large_type_is_for_anyone_and_in_the_address() -> None:
    test = AppTest.from_file(APP, default_timeout=60).run()
    assert "large" not in test.query_params
    test.toggle(key="large-type").set_value(True).run()
    assert test.query_params["large"] == "1"
    test.switch_page("pages/design.py").run()
    big = charts(test)["towers"]
    assert big["scale"] > 1.2  # charts measure in pixels, and are told
    test.switch_page("pages/start.py").run()
    test.toggle(key="large-type").set_value(False).run()
    assert "large" not in test.query_params
    test.switch_page("pages/design.py").run()
    assert charts(test)["towers"] == big | {"scale": 1.0}
