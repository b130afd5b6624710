"""The tour's panel on the pages: guess, act, result, progress, and the page of what you found."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.config.tour_students import ARMS, STUDENT, TRAINING
from labcore.guide.tour import STOPS, stop_named
from labcore.guide.tour.journal import Journal
from labcore.guide.tour.questions import QUESTIONS
from labcore.runs import teacher_accuracy
from labcore.runs.jobs import Jobs
from labcore.runs.journals import load_journal, save_journal
from labcore.runs.store import Store
from tests.shared.pages import APP, PATIENCE, app
from tests.shared.reference import VERDICTS, capacity_reference, cued_reference, ship
from tests.shared.runs import finished
from tests.shared.tour import tour_reference

ID = "0123456789abcdef"


@pytest.fixture(autouse=True)
def shipped() -> None:
    ship(tour_reference())
    ship(cued_reference(VERDICTS))
    ship(capacity_reference())


def number(name: str) -> int:
    return STOPS.index(stop_named(name)) + 1


def at(name: str, spec: Spec | None = None, page: str | None = None, **address: str) -> AppTest:
    """The lab opened at a stop of the tour, on its page unless another is named."""
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["tour"] = str(number(name))
    if spec is not None:
        test.query_params["spec"] = spec.to_json()
    for key, value in address.items():
        test.query_params[key] = value
    test.run()
    page = page or stop_named(name).page
    return test.switch_page(f"pages/{page}.py").run() if page != "start" else test


def words(test: AppTest) -> str:
    assert not test.exception, [e.value for e in test.exception]
    return "\n".join(element.value for element in (*test.markdown, *test.caption)).replace("\N{NO-BREAK SPACE}", " ")


def is_done(test: AppTest) -> bool:
    done = "**Done.**" in words(test)
    assert done != ("**To do.**" in words(test))
    assert done == ("What it does not show" in words(test))
    return done


def test_the_tour_is_the_first_thing_on_start_and_is_left_and_gone_on_with() -> None:
    test = app("start", Spec(steps=(Factorise(64),)))
    test.button(key="tour-begin").click().run()
    assert f"Stop 1 of {len(STOPS)}" in words(test)
    assert test.session_state["spec"] == Spec(distil=TRAINING)
    assert test.query_params["tour"] == "1"
    test.button(key="tour-leave").click().run()
    assert "Stop 1" not in words(test)
    test.button(key="tour-resume").click().run()
    assert "Stop 1" in words(test)


def test_the_teacher_is_measured_in_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher_accuracy, "teacher_accuracy", lambda *_: 0.8125)
    test = at("teacher", Spec(distil=TRAINING))
    assert not is_done(test)
    test.pills(key="tour-guess-teacher").set_value("two thirds").run()
    test.button(key="tour-act").click().run()
    assert is_done(test)
    assert "You measured **81.2 %**" in words(test)
    assert "You guessed “two thirds”" in words(test)
    assert test.pills(key="tour-guess-teacher").disabled


def test_a_design_is_ticked_as_it_is_made() -> None:
    test = at("pruning", Spec(steps=(KeepLayers(count=4),), distil=TRAINING))
    assert not is_done(test)
    test.slider(key="keep_layers-count-0").set_value(3).run()
    assert is_done(test)
    assert "**76.6 %**" in words(test)
    test.button(key="tour-next").click().run()
    assert f"Stop {number('low rank')} of" in words(test)
    assert not is_done(test)


def test_a_guess_and_a_number_survive_a_reload() -> None:
    test = at("pruning", Spec(steps=(KeepLayers(count=4),), distil=TRAINING))
    test.pills(key="tour-guess-pruning").set_value("half").run()
    test.slider(key="keep_layers-count-0").set_value(3).run()
    journal = test.session_state["journal"]
    assert load_journal(journal.id, Store()) == journal
    assert journal.numbers["pruning"] == pytest.approx((0.766,), abs=1e-3)
    again = at("pruning", Spec(distil=TRAINING), journal=journal.id)
    assert is_done(again)
    assert again.session_state["journal"] == journal


def test_your_run_becomes_your_student_and_is_compared_at_equal_training() -> None:
    run = finished(STUDENT, accuracy=0.68)
    save_journal(Journal(id=ID), Store())
    test = at("distil", STUDENT, run=run, journal=ID)
    assert is_done(test)
    assert test.session_state["journal"].student == STUDENT
    test.button(key="tour-next").click().run()
    assert not is_done(test)


def test_a_comparison_queues_only_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Spec] = []
    monkeypatch.setattr(Jobs, "submit", lambda self, spec, *_: submitted.append(spec) or "x")
    finished(STUDENT, accuracy=0.68)
    save_journal(Journal(id=ID, student=STUDENT), Store())
    test = at("hidden states", STUDENT, journal=ID)
    assert not is_done(test)
    test.button(key="tour-act").click().run()
    assert submitted == [ARMS["hidden states"](STUDENT)]
    assert not is_done(test)
    finished(ARMS["hidden states"](STUDENT), accuracy=0.66)
    test.run()
    assert is_done(test)
    assert "**68.0 %** without hidden states, **66.0 %** with them, **−2.0 points**" in words(test)


def test_an_equal_run_of_somebody_else_is_no_act_of_yours() -> None:
    for arm in ("yours", "hidden states"):
        finished(ARMS[arm](STUDENT), accuracy=0.68)
    test = at("hidden states", STUDENT)
    assert not is_done(test)
    test.button(key="tour-act").click().run()
    assert is_done(test)  # shared, so nobody waits


def test_a_slider_of_the_page_and_a_choice_in_the_panel() -> None:
    test = at("mimicry")
    assert not is_done(test)
    test.select_slider(key="mimicry-hard").set_value(0.5).run()
    assert is_done(test)
    assert "At your hard weight, **0.5**" in words(test)
    test = at("monitoring")
    test.select_slider(key="tour-choice-monitoring").set_value(160).run()
    assert not is_done(test)
    test.button(key="tour-act").click().run()
    assert is_done(test)
    assert "You stopped after **160** steps" in words(test)


def test_the_trade_off_is_chosen_among_your_own_students() -> None:
    for arm, accuracy in (("yours", 0.68), ("half, from the teacher", 0.8), ("tiny", 0.55)):
        finished(ARMS[arm](STUDENT), accuracy)
    save_journal(Journal(id=ID, student=STUDENT), Store())
    test = at("trade-off", journal=ID)
    test.select_slider(key="tour-choice-trade-off").set_value(0.15).run()
    test.button(key="tour-act").click().run()
    assert is_done(test)
    assert "**the half-size student** is the smallest" in words(test)
    test.button(key="tour-next").click().run()
    assert "That was the chapter" in words(test)


def test_what_you_found_holds_every_claim_and_its_questions() -> None:
    journal = Journal(id=ID, student=STUDENT).guessed("teacher", 0).measured("teacher", (0.8125,))
    save_journal(journal, Store())
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["journal"] = ID
    test.run()
    test = test.switch_page("pages/summary.py").run()
    for stop in STOPS:
        assert stop.claim in words(test)
        assert stop.limits in words(test)
    assert "You measured **81.2 %**" in words(test)
    for question in QUESTIONS:
        key = f"question-{question.name.replace(' ', '-')}"
        test.radio(key=key).set_value(question.choices[question.right - 1]).run()
        test.radio(key=key).set_value(question.choices[question.right]).run()
    assert len(test.success) == len(QUESTIONS)


@pytest.mark.parametrize("stop", ["0", "99", "x", "-1", "²"])
def test_a_stop_that_is_none_is_no_fault(stop: str) -> None:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["tour"] = stop
    test.run()
    assert ("That was the chapter" in words(test)) == (stop == "99")


@pytest.mark.parametrize("journal", ["../runs", "x", "f" * 16])
def test_a_journal_that_is_not_there_begins_a_new_one(journal: str) -> None:
    test = at("teacher", journal=journal)
    assert not is_done(test)
    assert test.session_state["journal"].id != journal
