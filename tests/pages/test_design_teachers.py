"""A design's teacher is changed, and students of it are begun, kept and compared."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS, PUBLISHED_STUDENTS
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Step
from labcore.runs.cache import counted
from labcore.runs.execute import check_trainable
from tests.shared.pages import APP, PATIENCE, app, begin_with, charts, metrics, spec_of


def test_published_students_are_counted_from_the_page() -> None:
    test = app("design")
    for known in PUBLISHED_STUDENTS:
        begin_with(test, known.name)
        assert spec_of(test) == known.spec
        student_total = int(metrics(test)["Student"].replace(",", ""))
        assert student_total - 2 * _hidden(known.spec) - 2 - known.omits == known.parameters


def _hidden(spec: Spec) -> int:
    return counted(spec).student.hidden


def test_up_to_four_students_are_compared_and_the_link_keeps_them() -> None:
    stacks: list[tuple[Step, ...]] = [(KeepLayers(count=n),) for n in (1, 2, 3, 4)]
    test = app("design", Spec(steps=stacks[0]))
    for steps in stacks:
        test.slider(key="keep_layers-count-0").set_value(steps[0].count).run()  # type: ignore[union-attr]
        test.button(key="keep").click().run()
        assert test.button(key="keep").disabled  # it is kept already
    assert test.session_state["pins"] == tuple(stacks[1:])
    test.slider(key="keep_layers-count-0").set_value(5).run()
    names = [trace["name"] for trace in charts(test)["towers"]["figure"]["data"][::2]]
    assert names == ["Teacher", "Student", "A", "B", "C"]
    again = AppTest.from_file(APP, default_timeout=PATIENCE)
    for name in ("spec", "with"):
        again.query_params[name] = str(test.query_params[name])
    again.run()
    assert again.session_state["pins"] == tuple(stacks[1:])
    test.button(key="take-A").click().run()
    assert spec_of(test).steps == stacks[1]
    test.button(key="drop-A").click().run()
    assert test.session_state["pins"] == tuple(stacks[2:])


def test_a_student_that_another_teacher_does_not_allow_waits_for_its_own() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=6),)))
    test.button(key="keep").click().run()
    test.selectbox(key="teacher").set_value("bert-tiny").run()
    assert not test.exception
    assert spec_of(test).steps == (KeepLayers(count=1),)
    assert "A can't be made of this teacher" in " ".join(element.value for element in test.caption)
    assert [trace["name"] for trace in charts(test)["towers"]["figure"]["data"][::2]] == ["Teacher", "Student"]
    test.selectbox(key="teacher").set_value("reviews").run()
    assert test.button(key="take-A")


def test_a_teacher_with_weights_brings_its_task_along() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    test.selectbox(key="teacher").set_value("news").run()
    spec = spec_of(test)
    assert (spec.teacher, spec.task, spec.steps) == ("news", "news", (KeepLayers(count=3),))
    check_trainable(spec)
    assert metrics(test)["Teacher"] == f"{22_713_216 + 384 * 5 + 5:,}"  # the base, and a classifier of five
    assert not test.button(key="to-distil").disabled
    begin_with(test, PRESETS[0].name)  # the lab's three, of this teacher
    assert spec_of(test) == replace(PRESETS[0].spec, teacher="news", task="news")
    test.selectbox(key="teacher").set_value("bert-tiny").run()
    assert spec_of(test).task == "news"  # a vocabulary may be trimmed to either task
    assert "`reviews`, `news`, `cued-95` or `cued-80`" in " ".join(element.value for element in test.caption)
    assert test.button(key="to-distil").disabled
    test.selectbox(key="teacher").set_value("reviews").run()
    assert spec_of(test).task == "reviews"
    test.button(key="undo").click().run()
    assert (spec_of(test).teacher, spec_of(test).task) == ("bert-tiny", "news")


def test_an_architecture_without_weights_is_counted_not_distilled() -> None:
    test = app("design")
    test.selectbox(key="teacher").set_value("bert-large-uncased").run()
    assert metrics(test)["Teacher"] == "335,143,938"
    assert test.button(key="to-distil").disabled
    test.switch_page("pages/distil.py").run()
    assert test.button(key="distil").disabled
