"""The pages Capacity and Mimicry: they show the reference results, and you can run each figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcore.config.presets import HARD_WEIGHTS, MITIGATIONS, MONITORED, SWEEPS
from labcore.config.spec import Spec
from labcore.evaluate import reference
from labcore.evaluate.baselines import is_baseline
from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.mitigation_gain import mitigations
from labcore.evaluate.monitor import verdict
from labcore.evaluate.seed_groups import with_seed
from labcore.runs.store import Store
from labcore.views.capacity.capacity_words import smallest_in_words
from labcore.views.markdown import unbroken
from labcore.views.mimicry.mimicry_words import mimicry_in_words
from labcore.views.mimicry.mitigation_table import mitigations_in_words
from tests.shared.pages import app, charts, spec_of
from tests.shared.reference import (
    SHIPPED,
    VERDICTS,
    cued_reference,
    monitor_reference,
    page_references,
    ship,
)
from tests.shared.runs import finished
from ui.shell import server


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """Specs that a page sends to the queue, which does not run them."""
    specs: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: specs.append(spec) or Store().create(spec)
    )
    return specs


@pytest.mark.parametrize("page", ["capacity", "mimicry"])
def test_a_lab_without_reference_results_names_the_command_that_makes_them(page: str) -> None:
    test = app(page)
    assert not test.exception
    assert f"python -m labcore sweep {page}" in test.info[0].value


def test_the_mimicry_page_shows_its_reference_results_and_runs_them(submitted: list[Spec]) -> None:
    made = cued_reference(VERDICTS)
    ship(made)
    finished(Spec(teacher="cued-95", task="cued"))
    test = app("mimicry")
    assert not test.exception
    words = [element.value for element in test.markdown]
    students = hard_weight_groups(made, "cued-95")
    assert unbroken(mimicry_in_words(students)) in words
    drawn = charts(test)
    contradicts = {trace.get("name"): trace for trace in drawn["hard-weights"]["figure"]["data"]}["contradicts"]
    assert contradicts["y"] == pytest.approx([group.accuracy("contradicts").mean for group in students])
    assert any("missed 3, and" in element for element in words)
    assert test.expander[0].label == "Runs made here (1)"
    test.select_slider(key="mimicry-hard").set_value(0.5).run()
    along = {trace.get("name"): trace for trace in charts(test)["hard-weights-along"]["figure"]["data"]}["contradicts"]
    assert along["y"] == pytest.approx([0.01, 0.11, 0.21])
    test.button(key="run-yourself").click().run()
    [spec] = submitted
    assert (spec.teacher, spec.distil.hard) == ("cued-95", 0.5)
    assert test.session_state["run"]
    assert spec_of(test) == spec


def test_the_mimicry_page_tells_what_helps_and_runs_it(submitted: list[Spec]) -> None:
    made = [cued_reference(VERDICTS), monitor_reference()]
    ship(made[0])
    assert "Runs on which its rule was chosen" in [expander.label for expander in app("mimicry").expander]
    ship(made[1])
    test = app("mimicry")
    assert not test.exception
    assert any(unbroken(mitigations_in_words(mitigations(made))) in element.value for element in test.markdown)
    test.selectbox(key="mitigation").select_index(4).run()
    test.button(key="run-mitigation").click().run()
    assert submitted == [list(MITIGATIONS.values())[3]]


def test_the_capacity_page_shows_its_reference_results_and_runs_them(submitted: list[Spec]) -> None:
    made, chains, _ = page_references()
    ship(made)
    test = app("capacity")
    assert not test.exception
    words = " ".join(element.value for element in test.markdown)
    assert unbroken(smallest_in_words(size_results(made.runs), 0.03)) in words
    assert not [button for button in test.button if button.key == "run-chain"]
    ship(chains)
    test.select_slider(key="capacity-distance").set_value(10).run()
    assert not test.exception
    words = " ".join(element.value for element in test.markdown)
    assert unbroken(smallest_in_words(size_results(made.runs), 0.10)) in words
    assert "no significant difference" in words
    test.button(key="run-yourself").click().run()
    test.switch_page("pages/capacity.py").run()
    test.button(key="run-chain").click().run()
    assert [is_baseline(spec) for spec in submitted] == [False, False]
    assert submitted[0] == SWEEPS["capacity"][4]
    assert submitted[1] == SWEEPS["assistant"][1]


def test_any_reference_run_is_looked_up_by_its_id(tmp_path: Path) -> None:
    made = cued_reference(VERDICTS)
    ship(made)
    assert reference.reference_run(made.runs[3].id) == made.runs[3]
    assert reference.reference_run("nothing") is None
    back = reference.read(reference.FOLDER / "mimicry.json")
    assert back == made
    assert {run.spec.distil.hard for run in back.runs} == set(HARD_WEIGHTS)


@pytest.mark.parametrize("name", MONITORED)
def test_the_verdicts_that_ship_are_those_of_the_rule_as_it_is(name: str) -> None:
    tests = reference.read(SHIPPED / f"{name}.json").shortcut_tests
    assert len(tests) >= 20
    for each in tests.values():
        assert each.verdict == verdict(each.student, each.teacher, each.no_teacher, each.followed)


def test_the_monitors_advice_is_what_helped() -> None:
    """Labels help, by their weight or at the end of the schedule; the rest gains less than half of that."""
    tried = mitigations([reference.read(SHIPPED / f"{name}.json") for name in ("mimicry", "monitor")])
    gained = {each.name: each.gain.mean for each in tried if each.gain}
    by_labels = [name for name in gained if "hard" in name]
    assert len(by_labels) == 3
    assert all(each.effect == "helps" for each in tried if each.name in by_labels)
    least = min(gained[name] for name in by_labels)
    assert least > 0.25
    assert all(abs(gained[name]) < least / 2 for name in gained.keys() - set(by_labels))


@pytest.mark.parametrize("name", sorted(SWEEPS))
def test_what_ships_is_of_the_sweep_as_it_is_now(name: str) -> None:
    runs = reference.read(SHIPPED / f"{name}.json").runs
    assert {with_seed(run.spec, 0) for run in runs} == set(SWEEPS[name])
    for spec in SWEEPS[name]:
        seeds = sorted(run.spec.distil.seed for run in runs if with_seed(run.spec, 0) == spec)
        assert seeds == list(range(5 if name == "tour" else 3))
