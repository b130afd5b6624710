"""An assignment on the pages: where it opens, what it fixes and hides, and the form that makes its link."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.assignment import Assignment, controls
from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Final, Spec
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
from labcore.exercise.attempt_store import save_attempt
from labcore.runs.store import Store
from tests.shared.assignments import SPEC, assignment, edited, nested
from tests.shared.pages import APP, PATIENCE, charts
from tests.shared.runs import finished


def in_class(given_: Assignment | str, page: str | None = None, **address: str) -> AppTest:
    """The lab opened by an assignment's link, on the assignment's page, then on `page`."""
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
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


def bound_controls(test: AppTest) -> dict[str, bool]:
    """Every control that is bound to the spec, and whether it is disabled. `look` and the like are not."""
    own = ("look", "scale", "spread", "matrix", "share-", "assignment-", "large")
    drawn = {w.key: w.disabled for kind in WIDGETS for w in test.get(kind) if w.key and not w.key.startswith(own)}
    assert not test.exception, [e.value for e in test.exception]
    return drawn


@pytest.mark.parametrize("step", EVERY_STEP, ids=lambda step: step.kind)
def test_every_control_of_design_is_locked_by_a_name(step: Step) -> None:
    spec = Spec(steps=(step,))
    free = bound_controls(in_class(assignment(spec=spec)))
    assert not any(free.values())
    assert all(bound_controls(in_class(assignment(spec=spec, locked=("teacher", "steps")))).values())
    sliders = bound_controls(in_class(assignment(spec=spec, locked=(f"steps.{step.kind}",))))
    assert sliders.keys() == free.keys()
    assert {key for key, disabled in sliders.items() if not disabled} == {"teacher", "kind-0"}
    assert bound_controls(in_class(assignment(spec=spec, hidden=("teacher", "steps")))) == {}


def test_every_control_of_distil_is_locked_by_a_name() -> None:
    spec = Spec(steps=(Prune(0.5),), distil=FULL)
    free = bound_controls(in_class(assignment(spec=spec, page="distil")))
    assert len(free) > 25
    assert not any(free.values())
    assert all(bound_controls(in_class(assignment(spec=spec, page="distil", locked=("distil",)))).values())
    assert bound_controls(in_class(assignment(spec=spec, page="distil", hidden=("distil",)))) == {}
    drawn = set()
    for name in controls():
        if name.startswith("distil."):
            one = bound_controls(in_class(assignment(spec=spec, page="distil", locked=(name,))))
            locked = {key for key, disabled in one.items() if disabled}
            assert locked or name == "distil.start", name
            assert not locked & drawn, "a control has two names"
            drawn |= locked
    assert drawn == free.keys()


def test_an_assignment_opens_on_its_page_with_its_spec_and_stays_in_the_address() -> None:
    given_ = assignment(page="distil", large=True, locked=("distil.hard",))
    test = in_class(given_)
    assert test.title[0].value == "Distil the student"
    assert test.session_state["spec"] == SPEC
    assert [text.value for text in test.text][:2] == ["How small?", "Move the rank."]
    for page in ("start", "frontier", "design"):
        test.switch_page(f"pages/{page}.py").run()
        assert Assignment.from_json(str(test.query_params["lesson"])) == given_
        assert test.query_params["large"] == "1"
        assert test.text[0].value == "How small?"


def test_a_refresh_keeps_the_assignment_and_what_was_changed() -> None:
    test = in_class(assignment(page="distil", locked=("distil.hard",)))
    test.slider(key="soft").set_value(0.5).run()
    test.switch_page("pages/start.py").run()
    address = {name: str(test.query_params[name]) for name in ("spec", "lesson")}
    again = in_class(address["lesson"], spec=address["spec"])
    assert again.title[0].value.startswith("Shrink")  # the page that was open, not the assignment's first
    again.switch_page("pages/distil.py").run()
    assert again.slider(key="soft").value == 0.5
    assert again.slider(key="hard").disabled
    assert "Fixed in this assignment" in again.slider(key="hard").help


def test_nothing_changes_what_an_assignment_fixes() -> None:
    locked = assignment(locked=("steps", "distil.hard"))
    light = replace(SPEC, steps=PRESETS[0].spec.steps)
    test = in_class(locked, spec=light.to_json())
    assert "has fixed “Student: the list of steps”" in test.error[0].value.replace("\\", "")
    assert test.session_state["spec"] == SPEC
    test.switch_page("pages/start.py").run()
    assert all(button.disabled for button in test.button if str(button.key).startswith("preset-"))
    test.switch_page("pages/design.py").run()
    keys = {str(button.key) for button in test.button}
    assert not {key for key in keys if key.startswith(("add-", "begin-"))}
    assert all(button.disabled for button in test.button if str(button.key).startswith(("remove-", "up-", "down-")))
    test.selectbox(key="teacher").set_value("bert-tiny").run()  # it would need other steps
    assert "Not changed: this assignment has fixed" in test.error[-1].value
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
    test = in_class(assignment(page="distil", locked=("distil.hard",), hidden=("distil.seed",)))
    assert "seed" not in {w.key for w in test.number_input}
    test.slider(key="soft").set_value(0.5).run()
    test.button(key="leave-assignment").click().run()
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
def test_an_invented_address_is_reported_and_the_lab_goes_on(name: str, text: str) -> None:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params[name] = text
    test.run()
    assert not test.exception
    assert "could not be opened" in test.error[0].value


def test_an_assignment_that_fixes_the_student_also_keeps_it_from_the_exercise(store: Store) -> None:
    attempt = Attempt(new_id(), slots=(Slot((KeepLayers(count=2),)), Slot(), Slot()))
    save_attempt(attempt, store)
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["lesson"] = assignment(locked=("steps",)).to_json()
    test.query_params["attempt"] = attempt.id
    test.run()
    test.switch_page("pages/exercise.py").run()
    assert not test.exception
    assert test.button(key="design-A").disabled


@pytest.mark.parametrize("text", ["{", edited(lambda d: d.update(version=2)), edited(lambda d: d.update(page="moon"))])
def test_a_bad_assignment_is_reported_and_the_lab_goes_on(text: str) -> None:
    test = in_class(text)
    assert not test.exception
    assert "his assignment" in test.error[0].value
    test.switch_page("pages/design.py").run()
    assert not test.exception


def test_an_assignments_text_is_shown_as_it_is_typed() -> None:
    bad = "<script>alert(1)</script> ![x](http://example.com/x.png) **bold**"
    test = in_class(assignment(title=bad[:80], text=bad, locked=("steps",)))
    assert [text.value for text in test.text] == [bad[:80], bad]  # st.text shows neither HTML nor Markdown


def test_large_type_is_for_anyone_and_in_the_address() -> None:
    test = AppTest.from_file(APP, default_timeout=PATIENCE).run()
    assert "large" not in test.query_params
    test.toggle(key="large-type").set_value(True).run()
    assert test.query_params["large"] == "1"
    test.switch_page("pages/design.py").run()
    big = charts(test)["towers"]
    assert big["scale"] > 1.2  # charts measure in pixels, so they get the factor
    test.switch_page("pages/start.py").run()
    test.toggle(key="large-type").set_value(False).run()
    assert "large" not in test.query_params
    test.switch_page("pages/design.py").run()
    assert charts(test)["towers"] == big | {"scale": 1.0}
