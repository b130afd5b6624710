"""Runs on the Distil page: queued with their seeds and baselines, and shown from their link with how they ended."""

from __future__ import annotations

import pytest

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.evaluate.seed_groups import with_seed
from labcore.runs.store import Store
from tests.shared.pages import app, charts, metrics, spec_of
from tests.shared.runs import finished
from ui.shell import server


def test_distil_queues_the_spec_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or Store().create(spec)
    )
    test = app("distil", PRESETS[2].spec)
    test.button(key="distil").click().run()
    assert submitted == [PRESETS[2].spec]
    assert test.query_params["run"] == test.session_state["run"]


def test_seeds_and_baselines_of_a_run_are_one_click_each(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or Store().create(spec)
    )
    spec = PRESETS[0].spec
    run = finished(spec, 0.8)
    finished(with_seed(spec, 5), 0.82)
    test = app("distil", run=run)
    [table] = [frame.value for frame in test.dataframe if "on their way" in frame.value]
    assert list(table["seeds"]) == [2, 0, 0]
    assert table["test accuracy"][0].startswith("81.0 % ±")
    test.button(key="more-seeds").click().run()
    assert [s.distil.seed for s in submitted] == [1, 2]
    submitted.clear()
    test.button(key="baselines").click().run()
    assert {(s.distil.start, tuple(term.name for term in s.distil.terms)) for s in submitted} == {
        ("derived", ("hard",)),
        ("random", ("hard", "soft")),
    }
    assert not test.exception


def test_a_finished_run_is_shown_from_its_link() -> None:
    run = finished(PRESETS[0].spec)
    test = app("distil", run=run)
    assert metrics(test)["Test accuracy"] == "80.0 %"
    assert metrics(test)["Retention"] == "95.2 %"
    losses = {trace["name"]: trace for trace in charts(test)["losses"]["figure"]["data"]}
    assert {"total", "0.2 × hard", "0.8 × soft"} <= set(losses)
    assert spec_of(test) == PRESETS[0].spec  # a link to a run alone brings its spec
    test = app("distil", PRESETS[1].spec, run)
    test.button(key="take").click().run()
    assert test.session_state["spec"] == PRESETS[0].spec


def test_weighted_losses_sum_to_the_total() -> None:
    test = app("distil", run=finished(PRESETS[0].spec))
    weighted = {trace["name"]: trace["y"][-1] for trace in charts(test)["losses"]["figure"]["data"]}
    assert weighted["0.2 × hard"] + weighted["0.8 × soft"] == pytest.approx(0.2 * 0.6 + 0.8 * 0.5)


@pytest.mark.parametrize(
    ("status", "words"),
    [("failed", "no room"), ("stopped", "was stopped"), ("interrupted", "interrupted when its server ended")],
)
def test_a_run_that_ended_early_says_why(status: str, words: str) -> None:
    store = Store()
    run = store.create(Spec())
    store.update(run, status, error="no room" if status == "failed" else None)  # type: ignore[arg-type]
    test = app("distil", run=run)
    assert words in "".join(element.value for element in (*test.error, *test.warning))
    assert test.button(key="again")


def test_a_run_of_a_teacher_of_ones_own_is_shown_but_not_taken() -> None:
    store = Store()
    run = store.create(Spec(teacher="./mine"))
    store.update(run, "stopped")
    test = app("distil", run=run)
    assert not test.exception
    assert "./mine" in test.error[0].value
    test = app("distil", Spec(), run)
    test.button(key="take").click().run()
    assert "./mine" in test.error[0].value
    assert spec_of(test) == Spec()


def test_a_run_of_another_lab_is_reported() -> None:
    assert "no run" in app("distil", run="../../etc").warning[0].value


def test_a_second_press_starts_no_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted, store = [], Store()  # this process holds what the store creates, so its runs are active
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or store.create(spec)
    )
    test = app("distil", PRESETS[2].spec)
    for _ in range(2):
        test.button(key="distil").click().run()
    assert submitted == [PRESETS[2].spec]
    assert "begun already" in test.toast[0].value
    test.slider(key="hard").set_value(0.5).run()
    test.button(key="distil").click().run()
    assert len(submitted) == 2


def test_a_page_without_a_run_shows_what_will_come() -> None:
    test = app("distil", PRESETS[0].spec)
    awaited = charts(test)
    assert all(awaited[name]["awaits"] for name in ("accuracies", "losses"))
    assert "No run yet" in " ".join(element.value for element in test.caption)
    drawn = charts(app("distil", run=finished(PRESETS[0].spec)))
    assert list(drawn)[:2] == list(awaited)[:2]
    assert not any(drawn[name]["awaits"] for name in ("accuracies", "losses"))
