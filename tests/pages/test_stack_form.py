"""The stack of steps on the design page: added, moved, removed and undone, however odd the student."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config import steps as kinds
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, PruneHeads, PruneNeurons, Step, TrimVocabulary
from tests.shared.full import first
from tests.shared.pages import PATIENCE, add_step, app, opened_menu, spec_of


def test_steps_are_added_edited_moved_and_removed() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    add_step(test, "prune")
    assert spec_of(test).steps == (KeepLayers(count=3), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"prune-sparsity-1"}  # only the new one's sliders are open
    add_step(test, "prune_heads")  # pruning stays last
    assert spec_of(test).steps == (KeepLayers(count=3), PruneHeads(6), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"prune_heads-heads-1"}
    test.button(key="edit-0").click().run()
    test.slider(key="keep_layers-count-0").set_value(2).run()
    test.button(key="down-0").click().run()
    assert spec_of(test).steps == (PruneHeads(6), KeepLayers(count=2), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"keep_layers-count-1"}  # they went with their step
    test.button(key="remove-0").click().run()
    assert spec_of(test).steps == (KeepLayers(count=2), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"keep_layers-count-0"}
    test.button(key="up-1").click().run()
    assert spec_of(test).steps == (Prune(0.5), KeepLayers(count=2))
    assert not test.error
    for _ in range(2):
        test.button(key="remove-0").click().run()
    assert spec_of(test).steps == ()
    assert "copy of its teacher" in test.info[0].value


def test_an_order_that_can_not_be_is_reported_and_can_be_undone() -> None:
    test = app("design", Spec(steps=(Factorise(64), Prune(0.5))))
    test.button(key="up-1").click().run()
    beside_the_step, above_the_picture = (error.value for error in test.error)
    assert "“Low rank” after “Sparse”" in beside_the_step
    assert "Step 2, *Low rank*" in above_the_picture
    assert "put “Sparse” last" in above_the_picture
    test.button(key="undo").click().run()
    assert not test.error
    assert spec_of(test).steps == (Factorise(64), Prune(0.5))


def test_several_steps_from_a_link_keep_their_order() -> None:
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64), Prune(0.5)))
    test = app("design", spec)
    assert {slider.key for slider in test.slider} == {"prune-sparsity-2"}
    test.button(key="edit-1").click().run()
    test.slider(key="factorise-rank-1").set_value(32).run()
    assert spec_of(test).steps == (spec.steps[0], Factorise(32), spec.steps[2])


def test_a_student_that_can_not_be_made_is_an_error_with_a_way_out() -> None:
    test = app("design", Spec(steps=(KeepLayers(layers=(9,)),)))
    assert "0 to 5" in test.error[0].value
    assert test.button(key="to-distil").disabled
    test.selectbox(key="kind-0").set_value("prune").run()
    assert not test.error


ODD: list[tuple[Step, ...]] = [
    (Prune(0.999),),
    (Factorise(energy=1e-9),),
    (KeepLayers(count=1), Manual(layers=1)),
    (Manual(hidden=100),),
    (Manual(hidden=15, heads=5), Manual()),
    (KeepLayers(count=1), PruneHeads(1), PruneNeurons(1), Factorise(1)),
    (Manual(hidden=1, layers=1, heads=1, intermediate=1), TrimVocabulary(size=150)),
    (PruneHeads(13),),
    (Factorise(8), Factorise(8)),
]


@pytest.mark.parametrize("steps", first(4, ((steps,) for steps in ODD)), ids=str)
def test_odd_students_break_no_page_and_can_be_undone(steps: tuple[Step, ...]) -> None:
    test = app("design", Spec(steps=steps))
    assert not test.exception
    for kind in kinds.by_kind():
        test = opened_menu(app("design", Spec(steps=steps)), "adding-a-step")
        button = test.button(key=f"add-{kind}")
        if not button.disabled:
            button.click().run()
            test.button(key="undo")
        assert not test.exception


def test_a_step_that_has_become_impossible_is_refused_with_the_reason() -> None:
    """Another control's change was on its way when the menu was used."""
    test = opened_menu(app("design", Spec(steps=(KeepLayers(count=3),))), "adding-a-step")
    test.session_state["spec"] = Spec(steps=(Factorise(8),))
    test.button(key="add-factorise").click().run()
    assert "“Low rank” comes twice" in test.error[0].value
    assert spec_of(test).steps == (Factorise(8),)


def test_two_quick_changes_are_both_kept() -> None:
    """The second control's callback was drawn before the first one's change: it must not bring the old value back."""
    drawn = Spec(steps=(Prune(0.5),))
    test = AppTest.from_function(quick, default_timeout=PATIENCE)
    test.session_state["spec"] = replace(drawn, steps=(Prune(0.8),))
    test.session_state["drawn"] = drawn
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    assert test.session_state["after"].steps == (Prune(0.8, embeddings=True),)
    assert test.session_state["moved"].steps == (Prune(0.8),)


def quick() -> None:
    """Runs as a script of Streamlit's, so it imports all that it needs."""
    from streamlit import session_state

    from labcore.config.spec import Spec
    from labcore.config.steps import KeepLayers, Prune
    from ui.design import stack_form

    drawn = session_state.drawn
    session_state.after = stack_form._changed(drawn, 0, Prune(0.5, embeddings=True))
    # A step that is no longer where it was drawn is left alone.
    other = Spec(steps=(KeepLayers(count=3), Prune(0.5)))
    stack_form._remove(other, 0)
    session_state.moved = session_state.spec


def test_a_step_that_is_impossible_is_offered_with_the_reason() -> None:
    test = app("design", Spec(steps=(Factorise(8),)))
    opened_menu(test, "adding-a-step")
    assert test.button(key="add-factorise").disabled
    assert not test.button(key="add-prune").disabled
    words = " ".join(element.value for element in test.caption)
    assert "Not possible here: “Low rank” comes twice" in words
    assert "sets the smallest weights to zero" in words


def test_a_step_that_goes_before_the_pruning_says_so_until_the_steps_change() -> None:
    test = app("design", Spec(steps=(Prune(0.5),)))
    add_step(test, "factorise")
    assert [step.kind for step in spec_of(test).steps] == ["factorise", "prune"]
    assert "Put before *Sparse*" in " ".join(element.value for element in test.caption)
    test.button(key="remove-1").click().run()
    assert "Put before" not in " ".join(element.value for element in test.caption)
