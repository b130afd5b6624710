"""Changes in the exercise: one that clears a prediction or a choice is confirmed first, and can be undone once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.steps import KeepLayers
from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_store import load_attempt, save_attempt, save_if_unchanged
from labcore.exercise.ready_students import READY
from labcore.owners.owner import Person
from labcore.runs.store import Store
from tests.shared.attempts import THREE, app_with, counted, opened, ran
from tests.shared.pages import APP, PATIENCE, add_step, all_words
from ui.exercise import attempts

TINY = "Tiny, initialised from the teacher"


def on_disk(test: AppTest) -> Attempt:
    assert not test.exception, [error.value for error in test.exception]
    attempt = load_attempt(str(test.query_params["attempt"]), Store())
    assert attempt is not None
    return attempt


def chosen() -> Attempt:
    """An attempt whose runs have finished, with a choice."""
    return replace(ran(), choice=1)


def to_design(test: AppTest, slot: str) -> None:
    """Open a slot's student on the Design page; AppTest stays on its page unless it is told."""
    test.button(key=f"design-{slot}").click().run()
    test.switch_page("pages/design.py").run()


def back_by(test: AppTest, button: str) -> None:
    """Press a button of the bar, which leads back."""
    test.button(key=button).click().run()
    test.switch_page("pages/exercise.py").run()


def change_student(test: AppTest) -> None:
    test.selectbox(key="slot-C").set_value(TINY).run()


def change_training(test: AppTest) -> None:
    test.select_slider(key="exercise-steps").set_value(50).run()


def change_teacher(test: AppTest) -> None:
    test.selectbox(key="exercise-teacher").set_value("news").run()


@pytest.mark.parametrize("change", [change_student, change_training, change_teacher])
def test_a_setting_that_clears_prediction_and_choice_needs_a_yes(change: object) -> None:
    assert callable(change)
    test = opened(chosen())
    before = on_disk(test)
    change(test)
    assert on_disk(test) == before  # nothing has changed yet
    assert "This clears your prediction (A) and your choice (B)." in all_words(test)
    assert "will note that the runs had begun" in all_words(test)
    test.button(key="keep").click().run()
    assert on_disk(test) == before
    change(test)
    test.button(key="clear").click().run()
    after = on_disk(test)
    assert (after.prediction, after.choice, after.begun, after.again) == (None, None, None, 1)
    assert "You have cleared your prediction (A) and your choice (B)" in all_words(test)
    test.button(key="undo-clearing").click().run()
    assert on_disk(test) == before  # whole
    assert "You have cleared" not in all_words(test)


def test_a_nudge_back_restores_nothing_by_itself() -> None:
    test = opened(chosen())
    before = on_disk(test)
    change_training(test)
    test.button(key="clear").click().run()
    test.select_slider(key="exercise-steps").set_value(200).run()
    assert (on_disk(test).config, on_disk(test).prediction) == (before.config, None)
    assert not [button for button in test.button if button.key == "undo-clearing"]  # something else has changed


def test_before_a_prediction_nothing_is_asked() -> None:
    test = opened(counted())
    change_training(test)
    assert on_disk(test).config.steps == 50
    assert "This clears" not in all_words(test)


def test_an_undo_never_takes_back_what_another_tab_has_done() -> None:
    test = opened(chosen())
    change_training(test)
    test.button(key="clear").click().run()
    other = replace(on_disk(test), name="Ada")
    save_attempt(other, Store())
    test.button(key="undo-clearing").click().run()
    assert on_disk(test) == other


# -- a slot's student on the Design page -----------------------------------------------------------------


def test_what_another_tab_writes_at_the_same_moment_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(counted())

    def while_another_saves(attempt: Attempt, store: Store, person: Person) -> bool:
        if other := names.pop() if names else "":
            save_attempt(replace(on_disk(test), name=other), Store())
        return save_if_unchanged(attempt, store, person)

    names = ["Grace", "Ada"]
    monkeypatch.setattr(attempts, "save_if_unchanged", while_another_saves)
    change_training(test)
    assert (on_disk(test).name, on_disk(test).config.steps) == ("Grace", 50)
    names = ["x"] * 99
    test.select_slider(key="exercise-steps").set_value(100).run()
    assert any("another window keeps changing this exercise" in error.value for error in test.error)
    assert on_disk(test).config.steps == 50


def test_design_brings_its_student_back_into_the_slot() -> None:
    test = opened(counted())
    to_design(test, "C")
    assert "You are changing **student C** of the exercise." in all_words(test)
    assert test.session_state["spec"].steps == THREE[2]
    assert test.query_params["changing"] == "C"
    add_step(test, "keep_layers")
    steps = test.session_state["spec"].steps
    assert steps != THREE[2]
    back_by(test, "use-in-slot")
    assert on_disk(test).slots[2].steps == steps
    assert "changing" not in test.query_params
    assert test.selectbox(key="slot-C").value == "a design of your own"


def test_cancel_leaves_the_slot_and_brings_back_what_design_held() -> None:
    test = opened(counted())
    held = test.session_state["spec"]
    to_design(test, "C")
    add_step(test, "keep_layers")
    back_by(test, "cancel-changing")
    assert on_disk(test).slots[2].steps == THREE[2]
    assert test.session_state["spec"] == held
    assert test.button(key="design-C").label == "Change it on the Design page"


def test_another_page_in_between_loses_nothing_and_a_refresh_keeps_the_bar() -> None:
    test = opened(counted())
    to_design(test, "B")
    test.switch_page("pages/exercise.py").run()
    assert test.button(key="design-B").label == "Go on changing B on the Design page"
    again = AppTest.from_file(APP, default_timeout=PATIENCE)
    again.query_params.update(test.query_params)
    again.run()
    again.switch_page("pages/design.py").run()
    assert "You are changing **student B** of the exercise." in all_words(again)


def test_a_student_from_design_asks_too_and_no_leaves_the_slot() -> None:
    test = opened(chosen())
    to_design(test, "B")
    add_step(test, "keep_layers")
    test.button(key="use-in-slot").click().run()
    assert "This clears your prediction (A) and your choice (B)." in all_words(test)
    assert on_disk(test).slots[1].steps == THREE[1]


def test_a_student_that_cannot_be_made_is_not_used() -> None:
    broken = counted().with_student(1, (KeepLayers(layers=(7,)),))
    save_attempt(broken, Store())
    test = app_with(broken.id)
    to_design(test, "B")
    assert test.button(key="use-in-slot").disabled
    assert not test.button(key="cancel-changing").disabled


def test_a_link_with_another_letter_changes_nobody() -> None:
    attempt = counted()
    save_attempt(attempt, Store())
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["attempt"], test.query_params["changing"] = attempt.id, "Z"
    test.run()
    test.switch_page("pages/design.py").run()
    assert not test.exception
    assert "You are changing" not in all_words(test)


def test_ready_students_stay_ready() -> None:
    test = opened(counted())
    change_student(test)
    assert on_disk(test).slots[2].steps == READY[TINY]
