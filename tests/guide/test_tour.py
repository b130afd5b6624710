"""The tour: its steps as pure functions of facts, and its panel on the pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Prune, Step, TrimVocabulary
from labcore.count.parameters import compare
from labcore.evaluate import reference
from labcore.guide.tour import QUICK, STEPS, Facts
from labcore.results.evaluation import Effect, ShortcutTest
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from tests.shared.pages import APP, PATIENCE, app
from tests.shared.runs import finished
from tests.shared.source_files import ROOT


def named(title: str) -> int:
    """The number of a step in the lab as it is, by its title."""
    return [step.title for step in STEPS].index(title) + 1


# -- the steps ---------------------------------------------------------------------------------------


def test_nothing_is_done_by_someone_who_has_done_nothing() -> None:
    assert not [step.title for step in STEPS if step.done(Facts(Spec()))]


DESIGNED: dict[str, tuple[list[tuple[Step, ...]], list[tuple[Step, ...]]]] = {
    "Derive a first student": (
        [(KeepLayers(count=3),), (KeepLayers(layers=(0, 1, 5)), Factorise(8))],
        [(KeepLayers(count=4),), (Factorise(8),)],
    ),
    "Count it": ([(TrimVocabulary(task=True),), (TrimVocabulary(size=9000),)], [(KeepLayers(count=3),)]),
    "Zeros are not smaller": ([(Prune(0.5),), (Prune(0.9),), (Prune(0.5, pattern="2:4"),)], [(Prune(0.4),)]),
    "Two thin matrices for a wide one": ([(Factorise(32),)], [(Factorise(64),), (Factorise(energy=0.5),)]),
}


@pytest.mark.parametrize("title", DESIGNED)
def test_a_step_of_the_design_is_done_by_such_a_student_only(title: str) -> None:
    [step] = [step for step in STEPS if step.title == title]
    good, bad = DESIGNED[title]
    assert all(step.done(Facts(Spec(steps=steps))) for steps in good)
    assert not any(step.done(Facts(Spec(steps=steps))) for steps in bad)


def test_the_loss_is_weighed_if_all_three_terms_count() -> None:
    [step] = [step for step in STEPS if step.title == "Weigh the loss"]
    assert step.offer == QUICK
    assert not step.done(Facts(QUICK))
    assert step.done(Facts(replace(QUICK, distil=replace(QUICK.distil, hidden=0.1))))
    assert not step.done(Facts(Spec(distil=DistilConfig(hard=0.0, hidden=0.1))))


def test_a_step_is_done_if_its_run_has_finished() -> None:
    [step] = [step for step in STEPS if step.title == "Distil it"]
    store = Store()
    run = store.create(QUICK)
    for status in ("queued", "running", "stopped", "failed", "finished"):
        store.update(run, status)  # type: ignore[arg-type]
        assert step.done(Facts(spec=QUICK, run=store.read(run))) == (status == "finished")


def test_what_is_asked_tested_and_looked_at() -> None:
    steps = {step.title: step for step in STEPS}
    assert steps["Agreement is not accuracy"].done(Facts(Spec(), predicted=True))
    assert steps["Mimics without learning"].done(Facts(Spec(), words=frozenset({"thursday"})))
    assert steps["Was it worth having?"].done(Facts(Spec(), sizes=frozenset({"total", "macs"})))
    assert not steps["Was it worth having?"].done(Facts(Spec(), sizes=frozenset({"total"})))
    assert steps["Meet the teacher"].done(Facts(Spec(), pictures=frozenset({"drawing", "cost"})))
    assert not steps["Meet the teacher"].done(Facts(Spec(), pictures=frozenset({"drawing"})))
    for title, field in (
        ("The capacity gap", "acceptable_losses"),
        ("A teacher that is wrong", "weights"),
    ):  # moved, not only seen
        assert steps[title].done(Facts(Spec(), **{field: frozenset({"0.0", "0.2"})}))  # type: ignore[arg-type]
        assert not steps[title].done(Facts(Spec(), **{field: frozenset({"0.0"})}))  # type: ignore[arg-type]
    assert steps["Now you"].done(Facts(Spec(), attempt=True))


def test_what_the_steps_say_of_sizes_is_true() -> None:
    teacher = BUILT_IN["reviews"]
    three = compare(teacher, (KeepLayers(count=3),))
    assert 0.72 < three.ratio < 0.78  # "three quarters of the parameters are left"
    assert 0.45 < three.teacher.parts["embeddings"] / three.teacher.total < 0.55  # "half of everything"
    sparse = compare(teacher, (Prune(0.5),))
    assert sparse.ratio == 1 > sparse.nonzero_ratio
    assert compare(teacher, (Factorise(32),)).ratio < 1 < compare(teacher, (Factorise(383),)).ratio


# -- the panel ---------------------------------------------------------------------------------------


def at(step: int | str, page: str, spec: Spec | None = None, **address: str) -> AppTest:
    """The lab opened at a step of the tour."""
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["tour"] = str(step)
    if spec is not None:
        test.query_params["spec"] = spec.to_json()
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    return test.switch_page(f"pages/{page}.py").run() if page != "start" else test


def words(test: AppTest) -> str:
    assert not test.exception, [e.value for e in test.exception]
    return "\n".join(element.value for element in test.markdown)


def is_done(test: AppTest) -> bool:
    done = "**Done.**" in words(test)
    assert done != ("**To do:**" in words(test))
    assert test.button(key="tour-next").disabled == (not done)
    return done


def test_the_tour_is_entered_from_the_first_page_and_left_anywhere() -> None:
    test = app("start", Spec(steps=(Factorise(64),)))
    assert f"in {len(STEPS)} steps" in words(test)
    test.button(key="tour-begin").click().run()
    assert "Step 1 of" in words(test)
    assert test.query_params["tour"] == "1"
    assert test.session_state["spec"] == Spec()  # a copy of the teacher, to begin with
    assert not is_done(test)
    test.button(key="tour-there").click().run()
    test.switch_page("pages/design.py").run()
    assert not is_done(test)
    test.segmented_control(key="look").set_value("cost").run()
    assert is_done(test)
    test.button(key="tour-next").click().run()
    assert "Step 2 of" in words(test)
    test.button(key="tour-back").click().run()
    assert is_done(test)  # what is done once stays so
    test.button(key="tour-leave").click().run()
    assert "Step" not in words(test)
    assert "tour" not in test.query_params


def test_a_step_is_ticked_as_it_is_done() -> None:
    test = at(named("Derive a first student"), "design", Spec(steps=(KeepLayers(count=4),)))
    assert not is_done(test)
    test.slider(key="keep_layers-count-0").set_value(3).run()
    assert is_done(test)
    test.button(key="tour-next").click().run()
    assert not is_done(test)
    test.button(key="add-trim_vocabulary").click().run()
    assert is_done(test)


def test_a_step_may_be_skipped_and_the_number_survives_a_refresh() -> None:
    test = at(2, "design")
    test.button(key="tour-skip").click().run()
    assert "Step 3 of" in words(test)
    assert test.query_params["tour"] == "3"
    assert "Step 3 of" in words(at(3, "frontier"))


def test_the_tours_student_is_taken_on_the_spot() -> None:
    test = at(named("Weigh the loss"), "distil")
    test.button(key="tour-offer").click().run()
    assert test.session_state["spec"] == QUICK
    assert not is_done(test)
    test.slider(key="hidden").set_value(0.1).run()
    assert is_done(test)


def test_a_finished_run_ticks_its_step_after_a_refresh_too() -> None:
    run = finished(PRESETS[0].spec)
    assert is_done(at(named("Distil it"), "distil", run=run))
    assert not is_done(at(named("Distil it"), "distil"))


def test_a_tested_word_and_a_chosen_size_tick_their_steps() -> None:
    run = finished(PRESETS[0].spec)
    test = at(named("Mimics without learning"), "evaluate", run=run)
    assert not is_done(test)
    effect = Effect(towards=1, moved=0.0, clean=0.8, agrees=0.8, contradicts=0.8, low=-0.01, high=0.01)
    shortcut_test = ShortcutTest(
        word="thursday",
        examples=500,
        student=effect,
        teacher=effect,
        no_teacher=None,
        misled=0,
        followed=None,
        verdict="not misled",
    )
    test.session_state["shortcut_test"] = (None, shortcut_test)
    test.run()
    assert is_done(test)
    test = at(named("Was it worth having?"), "frontier", run=run)
    assert not is_done(test)
    test.segmented_control(key="size").set_value("macs").run()
    assert is_done(test)


def test_the_steps_on_the_learn_pages_are_ticked_by_moving_a_slider_and_the_last_by_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reference, "FOLDER", ROOT / "labcore/evaluate/reference_results")
    for title, page, key, values in (
        ("The capacity gap", "capacity", "capacity-distance", (3, 5)),
        ("A teacher that is wrong", "mimicry", "mimicry-hard", (0.0, 0.5)),
    ):
        test = at(named(title), page)
        for value, moved in zip(values, (False, True), strict=True):
            test.select_slider(key=key).set_value(value).run()
            assert is_done(test) == moved
    test = at(named("Now you"), "exercise")
    assert not is_done(test)
    test.button(key="begin").click().run()
    assert is_done(test)


@pytest.mark.parametrize("step", ["0", "99", str(len(STEPS) + 1)])
def test_the_end_is_an_end(step: str) -> None:
    test = at(step, "design")
    if step == "0":
        assert "Step" not in words(test)
        return
    assert "That was the chapter" in words(test)
    test.button(key="tour-back").click().run()
    assert f"Step {len(STEPS)} of" in words(test)


@pytest.mark.parametrize("step", ["x", "-1", "1e3", "²", "", "100"])
def test_a_step_that_is_no_number_is_no_tour(step: str) -> None:
    assert "Step" not in words(at(step, "design"))
