"""The page Runs without a browser: its table and search, what differs between runs, files, curves and tree."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate.run_groups import RunGroup, run_groups
from labcore.evaluate.seed_groups import with_seed
from labcore.results.events import event_from_dict
from labcore.results.run import Run
from labcore.views.palette import COMPARED
from labcore.views.runs.exported_runs import runs_csv, runs_json
from labcore.views.runs.group_table import Search, group_names, group_table
from labcore.views.runs.overlaid_curves import DASHES, NamedEvents, overlaid
from labcore.views.runs.setting_table import setting_table
from labcore.views.runs.tree_chart import tree
from tests.shared.runs import EVENTS, finished_run

THREE, RANK = Spec(steps=(KeepLayers(count=3),)), Spec(steps=(KeepLayers(count=3), Factorise(64)))
FAILED = Run(
    id="2026-09", spec=Spec(task="news", teacher="news"), status="failed", created="2026-09", error="no memory"
)


def groups() -> list[RunGroup]:
    first = replace(finished_run("2026-01", THREE, 0.7), note="a first Try", tags=("class-3", "good"))
    return run_groups(
        [first, finished_run("2026-02", with_seed(THREE, 1), 0.9), finished_run("2026-03", RANK, 0.5), FAILED]
    )


def test_a_row_for_each_design_with_its_mean_over_seeds() -> None:
    some = groups()
    table = group_table(some).set_index("name")
    assert list(table["status"]) == ["failed", "finished", "finished"]
    row = table.loc["3 layers"]
    assert (row["seeds"], row["runs"], row["accuracy"]) == (2, 2, pytest.approx(80.0))
    assert row["mean over seeds"].startswith("80.0 % ± ")
    assert (row["tags"], row["note"]) == (["class-3", "good"], "a first Try")
    assert pd.isna(table["accuracy"].iloc[0])


@pytest.mark.parametrize(
    ("search", "names"),
    [
        (Search(), {"3 layers", "3 layers, rank 64", "copy of the teacher"}),
        (Search(words="RANK 64"), {"3 layers, rank 64"}),
        (Search(words="try first"), {"3 layers"}),  # of its note, in any order
        (Search(words="2026-02"), {"3 layers"}),
        (Search(words="rank first"), set()),  # every word
        (Search(statuses=frozenset({"failed"})), {"copy of the teacher"}),
        (Search(tasks=frozenset({"reviews"})), {"3 layers", "3 layers, rank 64"}),
        (Search(tags=frozenset({"good", "bad"})), {"3 layers"}),
    ],
)
def test_the_search_shows_what_has_every_word_and_passes_every_filter(search: Search, names: set[str]) -> None:
    some = groups()
    called = group_names(some)
    shown = {called[group.shown.id] for group in some if search.matches(group, called[group.shown.id])}
    assert {name.partition(" · teacher")[0] for name in shown} == names


def test_a_number_within_an_id_is_no_match() -> None:
    [group] = run_groups([finished_run("20261127-164957-2c64f01", THREE, 0.7)])
    assert not Search(words="64").matches(group, "3 layers")
    assert Search(words="20261127-1649").matches(group, "3 layers")


def test_only_the_settings_that_differ() -> None:
    first = replace(THREE, distil=DistilConfig(hard=0.5, soft=0.5))
    second = replace(RANK, distil=DistilConfig(hard=0.5, soft=0.5, steps=400, embeddings=False))
    table = setting_table([first, second], "AB").set_index("setting")
    assert table.loc["Student: steps"].tolist() == ["3 layers, evenly spread", "3 layers, evenly spread → rank 64"]
    assert table.loc["Training: length"].tolist() == ["3 epochs", "400 steps"]
    assert table.loc["Training: train the word embeddings"].tolist() == ["yes", "no"]
    assert len(table) == 3
    assert setting_table([first, first], "AB").empty


def test_the_files_hold_every_run_with_its_figures_and_events() -> None:
    runs = [run for group in groups() for run in group.runs]
    names = {run.id: f"name, of {run.id}" for run in runs}
    table = pd.read_csv(io.StringIO(runs_csv(runs, names)), dtype={"run": str}).set_index("run")
    assert set(table.index) == {run.id for run in runs}
    assert table.loc["2026-02", "accuracy"] == 0.9
    assert Spec.from_json(table.loc["2026-03", "spec"]) == RANK
    assert table.loc["2026-09", "error"] == "no memory"
    data = json.loads(runs_json(runs, names, {run.id: EVENTS for run in runs}))
    assert [Spec.from_dict(each["spec"]) for each in data["runs"]] == [run.spec for run in runs]
    assert [event_from_dict(event) for event in data["runs"][0]["events"]] == EVENTS
    assert {each["run"]: each["tags"] for each in data["runs"]}["2026-01"] == ["class-3", "good"]


def test_curves_lie_over_each_other_and_are_told_apart_by_colour_and_dash() -> None:
    named = [NamedEvents(letter, "<b>x", EVENTS) for letter in "ABCD"]
    for measure, value in (("accuracy", 0.5), ("loss", 0.7)):
        traces = overlaid(named, measure).data  # type: ignore[arg-type]
        assert [trace.line.color for trace in traces] == list(COMPARED)
        assert [trace.line.dash for trace in traces] == list(DASHES)
        assert all(trace.y[0] == pytest.approx(value) for trace in traces)
        assert traces[0].name == "A · &lt;b&gt;x"  # a name is no markup


def test_the_tree_has_a_point_for_each_design_in_the_colour_of_its_accuracy() -> None:
    some = groups()
    names = group_names(some)
    figure, _ = tree(some, names, [some[1].shown.id])
    points = {run: i for trace in figure.data if trace.customdata is not None for i, run in enumerate(trace.customdata)}
    assert set(points) == {group.shown.id for group in some}
    finished = next(trace for trace in figure.data if trace.marker.colorscale is not None)
    by_run = dict(zip(finished.customdata, finished.marker.color, strict=True))
    assert by_run["2026-02"] == pytest.approx(0.8)
    assert by_run["2026-03"] == 0.5
    sizes = dict(zip(finished.customdata, finished.marker.size, strict=True))
    assert sizes[some[1].shown.id] > min(sizes.values())
