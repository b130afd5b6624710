"""The Exercise page without a browser: from the first click to the submission, and what a person may not do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.exercise.attempt_results import results_of
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.exercise.counting_line import read_code
from labcore.exercise.ready_students import READY
from labcore.exercise.rules import MIN_WORDS
from labcore.exercise.signature_check import verifier_for
from labcore.exercise.submission import submit
from labcore.exercise.submission_checks import check_file
from labcore.runs.store import Store
from tests.shared.attempts import THREE, app_with, counted, opened, ran, right_line
from tests.shared.pages import PATIENCE, all_words, app, charts
from tests.shared.runs import finished
from tests.shared.source_files import ROOT
from ui.shell import server

REASON = "word " * MIN_WORDS


def current(test: AppTest) -> str:
    """The title of the current stage."""
    assert not test.exception, [error.value for error in test.exception]
    [label] = [box.label for box in test.expander if box.icon == ":material/arrow_circle_right:"]
    return label.strip("*")


def on_disk(test: AppTest) -> Attempt:
    attempt = load_attempt(str(test.query_params["attempt"]), Store())
    assert attempt is not None
    return attempt


def test_the_whole_way(monkeypatch: pytest.MonkeyPatch) -> None:
    test = app("exercise")
    assert "attempt" not in test.query_params  # looking leaves nothing behind
    assert Store().attempts.all() == {}
    test.button(key="begin").click().run()
    assert current(test) == "1 · Design three students"
    assert "6 · Submit** — waits for your choice and its reason" in all_words(test)
    for slot, name in zip("ABC", ("Light", "Fewer words, three layers", "Heavy"), strict=True):
        test.selectbox(key=f"slot-{slot}").set_value(name).run()
    assert [slot.steps for slot in on_disk(test).slots] == [
        READY[name] for name in ("Light", "Fewer words, three layers", "Heavy")
    ]

    assert current(test) == "2 · Count them yourself"
    line = right_line(on_disk(test))
    [command] = [code.value for code in test.code if "--attempt" in code.value]
    assert read_code(command.split()[-1]).id == line.mark
    assert on_disk(test).id not in command  # who sees the command can't go on with the attempt
    for wrong, words in (
        ("22,713,986", "it is no counting line"),
        (line.to_text()[:-9], "it is no counting line"),
        (line.to_text().replace(f"{line.totals[0]}", "22713987"), "it is damaged"),
        (replace(line, totals=(line.totals[0] + 5, *line.totals[1:])).to_text(), "models are wrong: the teacher."),
        (replace(line, mark="f" * 16).to_text(), "it was made for another attempt"),
    ):
        test.text_input(key="counting-line").set_value(wrong).run()
        assert words in all_words(test)
        assert current(test) == "2 · Count them yourself"
        assert f"{line.totals[0]:,}" not in all_words(test)
    test.text_input(key="counting-line").set_value(f" {line.to_text()} ").run()
    assert on_disk(test).teacher_count == line.totals[0]

    assert current(test) == "3 · Predict the best trade-off"
    assert charts(test)["exercise-towers"]
    test.segmented_control(key="within").set_value(0.05).run()
    test.segmented_control(key="prediction").set_value(1).run()
    assert (on_disk(test).prediction, on_disk(test).acceptable_loss) == (1, 0.05)

    assert current(test) == "4 · Run them"
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or Store().create(spec)
    )
    test.button(key="run-three").click().run()
    assert tuple(submitted) == on_disk(test).specs
    for spec, accuracy in zip(submitted, (0.82, 0.81, 0.6), strict=True):
        assert current(test.run()) == "4 · Run them"
        assert "82.0 %" not in all_words(test)
        finished(spec, accuracy)
    test.run()

    assert current(test) == "5 · Choose, and explain why"
    assert "**Your prediction held:** B is the best trade-off. It is the smallest within 5 points" in all_words(test)
    assert "82.0 % ± 2.3" in str(test.dataframe[-1].value.to_dict())
    test.segmented_control(key="choice").set_value(1).run()
    test.text_area(key="reason").set_value("too short").run()
    assert f"{MIN_WORDS - 2} more of at least {MIN_WORDS} words" in all_words(test)
    test.text_area(key="reason").set_value(REASON).run()

    assert current(test) == "6 · Submit"
    assert "Both need your name" in all_words(test)
    test.text_input(key="exercise-name").set_value("  Ada   Lovelace ").run()
    assert on_disk(test).name == "Ada Lovelace"
    assert "python -m labcore grade ada-lovelace.json" in all_words(test)

    again = app_with(on_disk(test).id)  # another browser, another day
    assert current(again) == "6 · Submit"
    assert again.text_area(key="reason").value == REASON


def test_a_submission_is_what_the_grader_reads(tmp_path: Path) -> None:
    save_attempt(replace(ran(), choice=0, reason=REASON, name="Ada"), Store())
    attempt = load_attempt(next(iter(Store().attempts.all())), Store())
    assert attempt is not None
    results = results_of(attempt, Store().runs())
    assert results is not None
    file = tmp_path / "ada.json"
    file.write_text(submit(attempt, results, Store().home).to_json())
    grade = check_file(file, "ada.json", verifier_for(Store().home, None))
    assert {check.outcome for check in grade.checks} == {"passed"}
    assert grade.submission is not None
    assert (replace(grade.submission.attempt, id=attempt.id), grade.submission.results) == (attempt, results)
    assert attempt.id not in file.read_text()  # who sees the file can't go on with the attempt
    assert (
        grade.submission.attempt.id == submit(attempt, results).attempt.id
    )  # and yet one attempt is told from another


def test_results_stay_hidden_until_there_is_a_prediction() -> None:
    test = opened(replace(ran(), prediction=None, predicted=None, begun=None))
    assert current(test) == "3 · Predict the best trade-off"
    assert "82.0 %" not in all_words(test)
    test.segmented_control(key="prediction").set_value(2).run()
    assert current(test) == "4 · Run them"
    assert "82.0 %" not in all_words(test)
    test.button(key="run-three").click().run()  # all are there already: this server has run them before
    assert current(test) == "5 · Choose, and explain why"
    assert "You predicted C; B is the best trade-off." in all_words(test)


def test_a_dominated_choice_is_flagged_not_refused() -> None:
    test = opened(ran())
    test.segmented_control(key="choice").set_value(0).run()
    assert "**A is dominated by B**" in all_words(test)
    test.text_area(key="reason").set_value(REASON).run()
    assert current(test) == "6 · Submit"


def test_right_counts_are_shown_on_demand_and_that_is_noted() -> None:
    test = opened(Attempt(new_id(), slots=tuple(map(Slot, THREE))))
    assert "17,390,594" not in all_words(test)
    test.button(key="show-counts").click().run()
    assert on_disk(test).shown
    assert current(test) == "3 · Predict the best trade-off"
    assert "A **17,390,594**" in all_words(test)


def test_counts_that_an_earlier_version_took_are_marked_as_not_proven() -> None:
    test = opened(replace(counted(), counting_line=""))
    assert current(test) == "3 · Predict the best trade-off"
    assert "typed in an earlier version of the lab: right" in all_words(test)
    other = replace(counted(), counting_line="", teacher_count=5)
    test = opened(other)
    assert current(test) == "2 · Count them yourself"
    assert "wrong or missing for the teacher" in all_words(test)


def test_a_teacher_without_weights_can_be_counted_and_no_more() -> None:
    test = opened(replace(counted(), teacher="bert-base-uncased", shown=True))
    assert current(test) == "3 · Predict the best trade-off"
    assert "counting is all that can be done" in all_words(test)
    test.button(key="take-reviews").click().run()
    assert on_disk(test).teacher == "reviews"


def test_levels_that_are_one_are_reported() -> None:
    test = opened(Attempt(new_id(), slots=tuple(Slot((KeepLayers(layers=(i,)),)) for i in range(3))))
    assert current(test) == "1 · Design three students"
    assert "A and B are one level of compression" in all_words(test)


def test_a_student_of_the_design_page_fills_a_slot() -> None:
    attempt = Attempt(new_id())
    save_attempt(attempt, Store())
    own = Spec(steps=(KeepLayers(count=2),))
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    test.query_params["attempt"], test.query_params["spec"] = attempt.id, own.to_json()
    test.run()
    test.switch_page("pages/exercise.py").run()
    test.selectbox(key="slot-B").set_value("the student on the Design page").run()
    assert on_disk(test).slots[1].steps == own.steps
    assert test.selectbox(key="slot-B").value == "a design of your own"


def test_runs_that_failed_are_reported_and_can_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = counted().with_prediction(0).begin()
    store = Store()
    finished(attempt.specs[0], 0.8)
    store.update(store.create(attempt.specs[1]), "failed", error="the loss became nan")
    test = opened(attempt)
    assert "A run failed: the loss became nan" in all_words(test)
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or Store().create(spec)
    )
    test.button(key="run-missing").click().run()
    assert tuple(submitted) == attempt.specs[1:]


def test_a_run_that_another_attempt_waits_for_is_stopped_only_once_that_was_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = counted().with_prediction(0).begin()
    other = Attempt(new_id(), slots=(mine.slots[0], Slot((KeepLayers(count=2),)), Slot())).with_prediction(1).begin()
    store, stopped = Store(), []
    save_attempt(other, store)
    runs = [store.create(spec) for spec in mine.specs]  # the first is one that they wait for, too
    jobs = type(server.jobs())
    monkeypatch.setattr(jobs, "place", lambda self, run_id: runs.index(run_id) if run_id in runs else None)
    monkeypatch.setattr(jobs, "stop", lambda self, run_id: stopped.append(run_id))
    test = opened(mine)
    test.button(key="stop-three").click().run()
    assert stopped == [runs[2], runs[1]]
    assert "Another exercise on this server waits for this run, too." in [warning.value for warning in test.warning]
    test.button(key="stop-shared").click().run()
    assert stopped == [runs[2], runs[1], runs[0]]


def test_more_seeds_are_run_and_the_submission_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened(replace(ran(), choice=1, reason=REASON, name="Ada"))
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or Store().create(spec)
    )
    test.button(key="exercise-seeds").click().run()
    assert [spec.distil.seed for spec in submitted] == [1, 1, 1, 2, 2, 2]
    assert "further seeds are still running" in all_words(test)
    for spec in submitted:
        finished(spec, 0.7)
    test.run()
    assert "the mean of 3 seeds" in all_words(test)
    assert "Submit `ada.json`" in all_words(test)


@pytest.mark.parametrize("link", ["0123456789abcdef", "../../etc/passwd", "x" * 5000])
def test_a_link_to_no_attempt_offers_a_new_one(link: str) -> None:
    test = app_with(link)
    assert not test.exception
    assert "not on this server" in all_words(test)
    test.button(key="begin").click().run()
    assert test.query_params["attempt"] != link
