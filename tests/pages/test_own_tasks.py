"""Every page with a data set and a teacher of one's own: many labels, labels of any text, and pairs of texts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.data.examples import Examples
from labcore.data.own import data_store
from labcore.data.own.data_store import all_data_sets
from labcore.data.own.data_table import DataTable
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.results.run import FinishedRun
from labcore.runs.home_database import home_database
from labcore.runs.own_sweep import capacity_sweep, hard_weight_sweep
from labcore.runs.shortcut_test import examples_for
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from tests.shared.attempts import opened
from tests.shared.own_task import CUE, ODD, OwnTask, own_task
from tests.shared.pages import all_words, app, charts, metrics
from tests.shared.runs import run_of, until


def finished(own: OwnTask, *, layers: int = 2, seed: int = 0) -> FinishedRun:
    """A finished run of this task."""
    config = DistilConfig(steps=3, seed=seed)
    run = run_of(Spec(own.teacher.name, own.data.task, (KeepLayers(count=layers),), config), seed=seed)
    assert isinstance(run, FinishedRun)
    return run


# -- Evaluate ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("no", "yes"), ("1", "2", "2024-01-01"), ODD], ids=["two", "three", "twenty"])
def test_a_run_of_ones_own_task_is_evaluated(tmp_path: Path, names: tuple[str, ...]) -> None:
    run = finished(own_task(tmp_path / "tiny", names, title="Odd *labels* <b>"))
    test = app("evaluate", run=run.id)
    assert not test.exception
    drawn = charts(test)
    for who in ("teacher", "student"):
        axis = drawn[f"confusion-{who}"]["figure"]["layout"]["yaxis"]
        assert axis["type"] == "category"
        assert len(set(axis["tickvals"])) == len(names)
        assert not any("<" in tick or len(tick) > 40 for tick in axis["ticktext"])
    test.text_area(key="asked").set_value("w1 w2 w3")
    test.button(key="predict").click().run()
    [teacher, student] = charts(test)["probabilities"]["figure"]["data"]
    assert len(teacher["y"]) == len(student["y"]) == min(8, len(names))
    assert (f"likeliest of {len(names)} labels" in all_words(test)) == (len(names) > 8)
    test.text_input(key="suspected").set_value("w3")
    test.button(key="test-word").click().run()
    assert not test.exception
    assert "examples under three conditions" in all_words(test)


def test_a_pair_is_predicted_from_two_texts(tmp_path: Path) -> None:
    run = finished(own_task(tmp_path / "tiny", ("a", "b", "c"), pairs=True))
    test = app("evaluate", run=run.id)
    assert [column for column in test.dataframe[0].value.columns if "text" in column] == ["first text", "second text"]
    test.text_area(key="asked").set_value("w1 w2")
    test.button(key="predict").click().run()
    assert "type both" in all_words(test)
    predictions = []
    for second in ("w9", "w30 w31 w32"):
        test.text_area(key="asked-second").set_value(second)
        test.button(key="predict").click().run()
        assert not test.exception
        predictions.append(charts(test)["probabilities"]["figure"]["data"][0]["x"])
    assert predictions[0] != predictions[1]
    test.text_input(key="suspected").set_value("w3")
    test.button(key="test-word").click().run()
    assert "examples under three conditions" in all_words(test)


def test_the_cue_of_ones_own_data_is_measured_and_tested(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny", ("no", "<b>yes</b>"), cue=True)
    run = finished(own)
    assert run.result.conditions is not None
    test = app("evaluate", run=run.id)
    assert "Against the cue" in metrics(test)
    assert test.text_input(key="suspected").value == CUE
    curves = app("distil", run=run.id)
    assert f"with the word “{CUE}”" in all_words(curves)


def test_a_run_whose_data_are_gone_keeps_its_figures(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny", title="Gone")
    one, _ = finished(own), finished(own, seed=1)
    other = finished(own_task(tmp_path / "other", ("a", "b", "c"), title="Here"))
    data_store.remove(own.data.hash)
    test = app("evaluate", run=one.id)
    assert not test.exception
    assert "are not on this machine any more" in all_words(test)
    assert "Test accuracy" in metrics(test)
    assert {"error-overlap", "confusion-teacher", "confusion-student", "reliability"} == set(charts(test))
    assert test.selectbox(key="compared").options
    front = app("frontier", run=one.id)
    assert not front.exception
    assert front.selectbox(key="frontier-task").value == own.data.task
    assert "frontier" in charts(front)
    DataTable(home_database(Store().home)).remove(own.data.hash, None)  # as on a machine that never had the data
    elsewhere = app("frontier", run=one.id)
    assert not elsewhere.exception
    assert "2 runs are left out" in all_words(elsewhere)
    assert own.data.task in all_words(elsewhere)
    bare = app("evaluate", run=one.id)
    assert not bare.exception
    assert set(charts(bare)) == {"error-overlap"}
    design = app("design", Spec(other.spec.teacher, other.spec.task))
    assert not design.exception


# -- Frontier ----------------------------------------------------------------------------------------


def test_the_frontier_names_ones_own_task_and_teacher(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny", title="Mine <i>2</i>")
    finished(own)
    finished(own_task(tmp_path / "other", ("a", "b", "c"), title="Other"))
    test = app("frontier")
    choice = test.selectbox(key="frontier-task")
    assert set(choice.options) == {"Mine <i>2</i>", "Other"}
    choice.set_value(own.data.task).run()
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    [hover] = traces["teacher"]["hovertext"]
    assert "Mine &lt;i&gt;2&lt;/i&gt; teacher" in hover


# -- Capacity ----------------------------------------------------------------------------------------


def test_the_capacity_page_runs_ones_own_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labcore.runs import own_sweep

    monkeypatch.setattr(own_sweep, "FEWEST_STEPS", 2)
    monkeypatch.setattr(own_sweep, "MOST_EPOCHS", 0)
    own = own_task(tmp_path / "tiny", ("a", "b", "c"))
    test = app("capacity")
    assert "No sweep" not in all_words(test)
    choice = test.selectbox(key="capacity-teacher")
    assert choice.options[-1] in app("design").selectbox(key="teacher").options  # one form of its name on all pages
    choice.set_value(own.teacher.name).run()
    assert not test.exception
    assert own.teacher.name in test.query_params["sweep"]
    pairs = capacity_sweep(own.teacher.name)
    wanted = test.button_group(key=f"sweep-sizes-{own.teacher.name}")
    assert len(wanted.options) == len(pairs)
    wanted.set_value([0, 1]).run()
    test.number_input(key=f"sweep-seeds-{own.teacher.name}").set_value(1).run()
    assert "These 4 runs take about" in all_words(test)
    assert "appear here as soon as" in all_words(test)
    test.button(key="run-sweep").click().run()
    store = Store()
    until(lambda: len(store.finished_runs()) == 4)
    again = app("capacity", Spec(own.teacher.name, own.data.task))  # its own teacher is in the address
    assert not again.exception
    assert set(charts(again)) == {"capacity", "adds"}
    assert len(charts(again)["capacity"]["figure"]["layout"]["xaxis"]["tickvals"]) == 2


def test_a_swept_teacher_that_is_gone_is_named(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny")
    TeacherStore().discard(own.teacher.id)
    test = app("capacity")
    test.session_state["swept"] = own.teacher.name
    test.run()
    assert "this lab has no teacher" in all_words(test).lower()


# -- Mimicry -----------------------------------------------------------------------------------------


def test_a_cue_is_put_into_ones_own_data_on_the_page(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny", ("a", "*b*", "c"))
    test = app("mimicry")
    assert not test.exception
    offered = test.text_input(key=f"cue-word-{own.data.hash}")
    assert offered.value == "thursday"
    offered.set_value("w1").run()
    test.button(key="make-cued").click().run()
    assert "Not made" in all_words(test)
    assert len(all_data_sets()) == 1
    test.text_input(key=f"cue-word-{own.data.hash}").set_value("Thursday").run()
    test.selectbox(key=f"cue-label-{own.data.hash}").set_value(2).run()
    test.button(key="make-cued").click().run()
    assert not test.exception
    [made] = [each for each in all_data_sets() if each.cue is not None]
    assert made.cue is not None
    assert (made.cue.word, made.cue.label, made.cue.strength) == ("thursday", 2, 0.95)
    assert test.session_state["data_task"] == made.task
    shown = app("mimicry")
    assert "goes with the label c" in all_words(shown)


def test_the_hard_weights_of_ones_own_cued_data_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labcore.runs import own_sweep

    monkeypatch.setattr(own_sweep, "FEWEST_STEPS", 2)
    monkeypatch.setattr(own_sweep, "MOST_EPOCHS", 0)
    own = own_task(tmp_path / "tiny", ("a", "<b>b</b>"), cue=True)
    assert "The figure appears here" in all_words(app("mimicry"))
    for spec in hard_weight_sweep(own.teacher.name)[:2]:
        run_of(spec)
    test = app("mimicry")
    assert not test.exception
    [condition] = [
        trace for trace in charts(test)["own-hard-weights"]["figure"]["data"] if trace.get("name") == "contradicts"
    ]
    assert condition["x"] == [0.0, 0.2]
    assert "those of the label \\<b\\>b\\</b\\>" in all_words(test)


# -- Exercise ----------------------------------------------------------------------------------------


def test_the_exercise_takes_a_teacher_of_ones_own(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny", ("a", "b", "c"), title="Class")
    test = app("exercise", Spec(own.teacher.name, own.data.task))
    test.button(key="begin").click().run()
    assert not test.exception
    choice = test.selectbox(key="exercise-teacher")
    assert choice.value == own.teacher.name
    assert "Class teacher · your own, for Class" in choice.options


def test_an_attempt_whose_teacher_is_gone_says_so_and_goes_on(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny")
    attempt = replace(Attempt(new_id(), slots=(Slot((KeepLayers(count=1),)), Slot(), Slot())), teacher=own.teacher.name)
    shutil.rmtree(tmp_path / "tiny")
    TeacherStore().discard(own.teacher.id)
    test = opened(attempt)
    assert not test.exception
    assert "can't go on here" in all_words(test)
    test.button(key="without-own-teacher").click().run()
    assert test.selectbox(key="exercise-teacher").value == "reviews"


def test_an_assignment_with_ones_own_teacher_says_who_can_open_it(tmp_path: Path) -> None:
    own = own_task(tmp_path / "tiny")
    test = app("start", Spec(own.teacher.name, own.data.task))
    assert not test.exception
    assert "The link opens on this lab only" in all_words(test)


def test_of_a_pair_the_first_text_gets_the_suspected_word() -> None:
    examples = Examples(("a b", "b", "c"), (0, 1, 0), ("b d", "e", "f"))
    without, with_it = examples_for(examples, "b")
    assert without.text == ("a", "c")
    assert without.second == with_it.second == ("d", "f")
    assert all("b" in text.split() for text in with_it.text)
