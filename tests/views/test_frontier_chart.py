"""The frontier: which students no other beats, seeds as one point, reference runs, and seed groups as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.pareto_front import Point, pareto_front
from labcore.evaluate.seed_groups import group_and_baselines, with_seed
from labcore.results.accuracy_error import standard_error
from labcore.views.evaluate.seed_table import seed_table, sweep_table
from labcore.views.frontier.frontier_chart import SHORT, frontier, named_points
from tests.shared.runs import finished_run

point_lists = st.lists(
    st.builds(
        Point,
        id=st.just("r"),
        name=st.just("n"),
        cost=st.integers(1, 9),
        quality=st.sampled_from([0.5, 0.6, 0.7, 0.8]),
    ),
    max_size=12,
)


@given(point_lists)
def test_the_front_is_what_nothing_beats(points: list[Point]) -> None:
    front = pareto_front(points)
    for point in points:
        beaten = any(
            other.cost <= point.cost
            and other.quality >= point.quality
            and (other.cost, other.quality) != (point.cost, point.quality)
            for other in points
        )
        assert beaten == ((point.cost, point.quality) not in {(p.cost, p.quality) for p in front})


def test_seeds_of_a_design_are_one_point_and_shipped_ones_another() -> None:
    spec = Spec(steps=(KeepLayers(count=3),))
    runs = [finished_run(f"2026-0{i}", with_seed(spec, i), accuracy) for i, accuracy in enumerate((0.7, 0.8, 0.9))]
    shipped = finished_run("2026-09", spec, 0.6)
    other = finished_run("2026-08", replace(spec, distil=DistilConfig(start="random")), 0.5)
    own, reference, random = named_points([*runs, shipped, other], Axes(), {"2026-09"})
    assert own.quality == pytest.approx(0.8)
    assert (own.id, own.seeds, own.shipped) == ("2026-02", (0.7, 0.8, 0.9), False)
    assert (reference.quality, reference.shipped) == (0.6, True)
    assert random.name.endswith("from random")
    traces = {trace.name: trace for trace in frontier([own, reference], [], 1000, Axes(), "2026-01").data}
    assert list(traces["one seed"].y) == [0.7, 0.8, 0.9]
    assert list(traces["student"].marker.size) == [18]  # chosen, though by another of its seeds
    assert list(traces["reference"].customdata) == ["2026-09"]


def test_a_much_shorter_training_has_an_open_marker_and_one_entry_in_the_legend() -> None:
    spec = Spec(steps=(KeepLayers(count=3),))
    long, short = (
        finished_run(f"{steps}", replace(spec, distil=DistilConfig(steps=steps)), 0.7) for steps in (4000, 100)
    )
    students = named_points([long, short, replace(short, id="shipped")], Axes(), {"shipped"})
    assert [point.short for point in students] == [False, True, True]
    figure = frontier(students, [], 1000, Axes(), None)
    traces = {trace.name: trace for trace in figure.data}
    assert list(traces["student"].marker.symbol) == ["circle", "circle-open"]
    assert list(traces["reference"].marker.symbol) == ["diamond-open"]
    assert [SHORT in hover for hover in traces["student"].hovertext] == [False, True]
    assert "trained 4,000 steps (20.1 epochs)" in traces["student"].hovertext[0]
    assert [trace.name for trace in figure.data].count(SHORT) == 1
    assert traces[SHORT].customdata is None  # nothing to pick
    assert SHORT not in [trace.name for trace in frontier(students[:1], [], 1000, Axes(), None).data]


def test_a_name_that_somebody_gave_is_no_html_in_a_label() -> None:
    run = replace(finished_run("1", Spec(), 0.7), name="<b>bold</b> & the teacher's")
    [point] = named_points([run], Axes())
    [students] = [trace for trace in frontier([point], [], 1000, Axes(), None).data if trace.name == "student"]
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; the teacher's" in students.hovertext[0]


def test_seed_groups_as_a_table() -> None:
    spec = Spec(steps=(KeepLayers(count=3),))
    runs = [finished_run(f"{i}", with_seed(spec, i), accuracy) for i, accuracy in enumerate((0.80, 0.82, 0.84))]
    table = seed_table(group_and_baselines(spec, runs))
    assert list(table["seeds"]) == [3, 0, 0]
    half = 4.3027 * 0.02 / 3**0.5  # Student's t with two degrees, 97.5 %
    assert table["test accuracy"][0] == f"82.0 % ± {100 * half:.1f}"
    assert table["test accuracy"][1] == "–"
    assert list(table["retention"]) == ["91.1 %", "–", "–"]
    table = sweep_table(runs)
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["seeds"], row["seconds"], row["retention"]) == (3, 60, "91.1 %")


def test_standard_error_of_facts() -> None:
    assert standard_error(0.84, 765) == pytest.approx(0.0133, abs=1e-4)


def test_a_bar_shows_that_no_accuracy_is_certain_and_stays_within_0_and_1() -> None:
    runs = [finished_run(f"{i}", Spec(steps=(KeepLayers(count=i + 1),)), accuracy) for i, accuracy in enumerate((0, 1))]
    points = named_points(runs, Axes())
    [students] = [trace for trace in frontier(points, [], 100, Axes(), None).data if trace.name == "student"]
    bars = {
        y: (y - below, y + above)
        for y, above, below in zip(students.y, students.error_y.array, students.error_y.arrayminus, strict=True)
    }
    assert bars[0] == (0, pytest.approx(0.0094, abs=1e-4))
    assert bars[1] == (pytest.approx(0.9906, abs=1e-4), 1)
