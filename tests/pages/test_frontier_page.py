"""The Frontier page: every finished run and the teacher, by task and by size, beside the reference results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec
from labcore.data.tasks import load_task
from labcore.evaluate import reference
from labcore.evaluate.seed_groups import with_seed
from labcore.results.accuracy_error import standard_error
from labcore.runs.store import Store
from labcore.views.frontier.frontier_chart import SHORT
from tests.shared.pages import all_words, app, charts, metrics
from tests.shared.runs import finished
from ui.shell import server


def test_the_frontier_draws_every_finished_run_and_the_teacher() -> None:
    runs = [finished(PRESETS[0].spec, 0.83), finished(PRESETS[1].spec, 0.79), finished(PRESETS[2].spec, 0.80)]
    test = app("frontier")
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    assert set(traces["student"]["customdata"]) == set(runs)
    assert traces["teacher"]["y"] == [0.84]
    front = traces["Pareto front"]
    assert front["y"] == [0.80, 0.83, 0.84]  # the low-rank one is larger and worse than the manual one
    assert front["x"] == sorted(front["x"])
    test.session_state["frontier"] = {"picked": runs[1]}
    test.run()
    assert test.session_state["run"] == runs[1]
    assert metrics(test)["Test accuracy"] == "79.0 %"
    assert Spec.from_json(test.code[0].value) == PRESETS[1].spec


def test_reference_results_fill_the_frontier_of_a_new_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No run has finished" in app("frontier").info[0].value
    spec = PRESETS[0].spec
    runs = tuple(Store().read(finished(with_seed(spec, seed), 0.8 + seed / 100)) for seed in range(3))
    shipped = reference.ReferenceResults(
        name="frontier",
        machine="2 cores (a processor)",
        date="2026-01-02",
        command="python -m labcore sweep",
        runs=runs,
    )
    reference.write(shipped, tmp_path / "recorded" / "frontier.json")
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "another"))
    monkeypatch.setattr(server, "store", lambda: Store())
    test = app("frontier", run=runs[2].id)
    assert not test.exception
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    assert traces["reference"]["y"] == [pytest.approx(0.81)]
    assert traces["student"]["x"] == []
    words = " ".join(element.value for element in (*test.caption, *test.markdown))
    assert "recorded on 2026-01-02, 2 cores (a processor)" in words
    assert "Mean of 3 seeds: **81.0 % ±" in words
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, spec, *_: submitted.append(spec) or Store().create(spec)
    )
    assert not [button for button in test.button if button.key in ("point-evaluate", "point-curves")]
    assert "comes with the lab" in app("distil", run=runs[2].id).info[0].value
    test.button(key="point-run").click().run()
    assert submitted == [runs[2].spec]


def test_the_frontier_shows_one_task_at_a_time() -> None:
    of_reviews = finished(PRESETS[0].spec, 0.83)
    assert "frontier-task" not in [control.key for control in app("frontier").segmented_control]  # nothing to choose
    of_news = [finished(replace(p.spec, teacher="news", task="news"), 0.95) for p in PRESETS[:2]]

    def shown(test: AppTest) -> tuple[list[str], set[float]]:
        assert not test.exception
        [students] = [t for t in charts(test)["frontier"]["figure"]["data"] if t["name"] == "student"]
        assert len(test.dataframe[0].value) == len(students["x"])
        return sorted(students["customdata"]), {round(error, 9) for error in students["error_y"]["array"]}

    def error(share: float, task: str) -> set[float]:
        return {round(standard_error(share, len(load_task(task).splits["test"])), 9)}

    test = app("frontier")
    assert test.segmented_control(key="frontier-task").value == "news"  # that of the newest run
    assert shown(test) == (sorted(of_news), error(0.95, "news"))
    test.segmented_control(key="frontier-task").set_value("reviews").run()
    assert shown(test) == ([of_reviews], error(0.83, "reviews"))
    assert shown(app("frontier", run=of_reviews)) == ([of_reviews], error(0.83, "reviews"))  # that of the run looked at


def with_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Spec, shipped: Spec) -> tuple[str, str]:
    """A lab with one run of its own and one reference result: their ids."""
    of_reference = Store(tmp_path / "recorded-home")
    monkeypatch.setenv("LAB_HOME", str(of_reference.home))
    reference_id = finished(shipped, 0.82)
    results = reference.ReferenceResults(
        name="frontier",
        machine="2 cores",
        date="2026-01-02",
        command="python -m labcore sweep",
        runs=(of_reference.finished_runs()[0],),
    )
    reference.write(results, tmp_path / "recorded" / "frontier.json")
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "another"))
    monkeypatch.setattr(server, "store", lambda: Store())
    return finished(own, 0.75), reference_id


def test_a_short_training_is_marked_and_says_how_long_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = replace(PRESETS[0].spec, distil=DistilConfig(steps=4000))
    own, shipped = with_reference(tmp_path, monkeypatch, replace(long, distil=DistilConfig(steps=100)), long)
    test = app("frontier", run=own)
    assert not test.exception
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    assert (traces["student"]["marker"]["symbol"], traces["reference"]["marker"]["symbol"]) == (
        ["circle-open"],
        ["diamond"],
    )
    assert SHORT in traces
    words = all_words(test)
    assert f"An open marker means *{SHORT}*" in words
    assert "Trained 100 steps (0.5 epochs)." in words
    assert "## :orange[3 layers, 100 steps]" in words
    table = test.dataframe[0].value
    assert list(table["name"]) == ["3 layers, 100 steps", "3 layers, 4,000 steps"]
    assert list(table["steps"]) == [100, 4000]

    def shown(origin: str) -> set[str]:
        test.segmented_control(key="frontier-origin").set_value(origin).run()
        drawn = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
        assert set(test.dataframe[0].value["run"]) == {
            *drawn["student"]["customdata"],
            *drawn["reference"]["customdata"],
        }
        return set(test.dataframe[0].value["run"])

    assert shown("own") == {own}
    assert SHORT in {trace["name"] for trace in charts(test)["frontier"]["figure"]["data"]}  # also beside no other
    assert shown("reference") == {shipped}
    assert shown("all") == {own, shipped}


def test_runs_of_one_origin_have_no_filter() -> None:
    finished(PRESETS[0].spec)
    test = app("frontier")
    assert "frontier-origin" not in [control.key for control in test.segmented_control]
    assert "open marker" not in all_words(test)


def field(test: AppTest) -> Any:
    """The field of a run's name."""
    [name] = [each for each in test.text_input if each.label == "Name of this run"]
    return name


def test_a_run_is_renamed_beside_the_frontier_and_has_that_name_in_each_list() -> None:
    run = finished(PRESETS[0].spec)
    test = app("frontier", run=run)

    def rename(name: str) -> None:
        field(test).set_value(name)
        test.button(key=f"rename-{run}-save").click().run()

    assert field(test).value == "3 layers"
    assert test.button(key=f"rename-{run}-reset").disabled
    rename("x" * 41)
    assert "has 41 characters; give at most 40" in test.error[0].value
    assert field(test).value == "x" * 41  # to be shortened
    assert Store().read(run).name is None
    rename("my *first*")
    assert not test.error
    assert Store().read(run).name == field(test).value == "my *first*"
    assert r"## :orange[my \*first\*]" in all_words(test)
    assert "layers 2, 4, 6" in all_words(test)  # the full description stays
    assert list(test.dataframe[0].value["name"]) == ["my *first*"]
    assert "my *first*" in charts(test)["frontier"]["figure"]["data"][3]["hovertext"][0]
    assert app("evaluate", run=run).selectbox(key="evaluated").options[0].startswith("my *first* · ")
    assert r":orange[**my \*first\***], distilled from" in all_words(app("distil", run=run))
    test.button(key=f"rename-{run}-reset").click().run()
    assert Store().read(run).name is None
    assert field(test).value == "3 layers"
    rename("3 layers")
    assert Store().read(run).name is None  # the name that it had already
