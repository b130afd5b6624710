"""The frontier's axes: every figure of a run, the front of each pair of axes by brute force, and runs without one."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers
from labcore.evaluate.frontier_axes import (
    COSTS,
    QUALITIES,
    Axes,
    CostAxis,
    QualityAxis,
    axes_named,
    cost_of,
    quality_error,
    quality_of,
)
from labcore.evaluate.pareto_front import (
    TEACHER_POINT,
    Measurements,
    design_points,
    pareto_front,
    teacher_points,
    without,
)
from labcore.evaluate.provenance import teacher_of
from labcore.results.accuracy_error import standard_error
from labcore.results.counts import Comparison, Cost
from labcore.results.run import FinishedRun
from tests.shared.evaluations import evaluation, measured
from tests.shared.runs import COUNTS, finished_run

PAIRS = list(itertools.product(COSTS, QUALITIES))
SPECS = [Spec(steps=(KeepLayers(count=i),)) for i in range(1, 7)]


def run_with(i: int, costs: dict[CostAxis, int], qualities: dict[QualityAxis, float]) -> FinishedRun:
    """A run of the design number i with these figures; its teacher's accuracy is 0.8."""
    bytes_ = {"fp32": costs["stored"] + 1, "stored": costs["stored"], "sparse": costs["sparse"]}
    counts = replace(COUNTS, total=costs["total"], nonzero=costs["nonzero"], cost=Cost(128, costs["macs"], bytes_))
    run = finished_run(f"{i}", SPECS[i], qualities["accuracy"])
    result = replace(
        run.result,
        teacher_accuracy=0.8,
        agreement=qualities["agreement"],
        evaluation=evaluation(qualities["loyalty"]),
    )
    return replace(run, counts=Comparison(counts, counts), result=result)


figures = st.lists(
    st.tuples(
        st.fixed_dictionaries({axis: st.integers(1, 5) for axis in COSTS}),
        st.fixed_dictionaries({axis: st.sampled_from((0.5, 0.6, 0.7, 0.8)) for axis in QUALITIES}),
    ),
    max_size=len(SPECS),
)


@settings(max_examples=25, deadline=None)
@given(figures)
def test_the_front_of_each_pair_of_axes_is_what_nothing_beats(
    drawn: list[tuple[dict[CostAxis, int], dict[QualityAxis, float]]],
) -> None:
    runs = [run_with(i, *each) for i, each in enumerate(drawn)]
    timed = Measurements({f"{i}": measured(c["milliseconds"], c["memory"]) for i, (c, _) in enumerate(drawn)})
    for cost, quality in PAIRS:
        axes = Axes(cost, quality)
        expected = {}
        for i, (costs, qualities) in enumerate(drawn):
            good = qualities["accuracy"] / 0.8 if quality == "retention" else qualities[quality]
            expected[f"{i}"] = (costs[cost], good)
        points = design_points(runs, axes, {run.id: run.id for run in runs}, measured=timed)
        assert {point.id: (point.cost, point.quality) for point in points} == expected
        best = {
            here
            for here in expected.values()
            if not any(x <= here[0] and y >= here[1] and (x, y) != here for x, y in expected.values())
        }
        assert [(point.cost, point.quality) for point in pareto_front(points)] == sorted(best)


def test_stored_bytes_are_fp32_until_a_student_has_a_file_of_fewer_bits() -> None:
    fp32 = replace(COUNTS, cost=Cost(128, 9, {"fp32": 40, "fp16": 20, "int8": 10, "sparse": 33}))
    assert [cost_of(fp32, axis) for axis in ("stored", "sparse", "macs")] == [40, 33, 9]
    assert fp32.cost is not None
    four_bits = replace(fp32, cost=replace(fp32.cost, bytes={**fp32.cost.bytes, "stored": 7}))
    assert cost_of(four_bits, "stored") == 7


@pytest.mark.parametrize(("cost", "quality"), PAIRS)
def test_a_run_without_a_figure_has_no_point_and_is_named(cost: CostAxis, quality: QualityAxis) -> None:
    full = run_with(0, dict.fromkeys(COSTS, 2), dict.fromkeys(QUALITIES, 0.5))
    old = finished_run("1", SPECS[1], 0.6)  # of an earlier version: neither costs nor an evaluation
    axes, timed = Axes(cost, quality), Measurements({"0": measured(2, 2)})
    runs, names = [full, old], {"0": "full", "1": "old"}
    no_cost, no_quality = without(runs, axes, timed)
    assert no_cost == ([] if cost in ("total", "nonzero") else [old])
    assert no_quality == ([old] if not no_cost and quality == "loyalty" else [])
    points = [point.id for point in design_points(runs, axes, names, measured=timed)]
    assert points == [run.id for run in runs if run not in (*no_cost, *no_quality)]
    if axes.measured:
        assert without(runs, axes) == (runs, [])


def test_a_teacher_agrees_with_itself() -> None:
    run = run_with(0, dict.fromkeys(COSTS, 2), dict.fromkeys(QUALITIES, 0.5))
    names = {teacher_of(run): "teacher"}
    for quality in QUALITIES:
        [point] = teacher_points([run], Axes(quality=quality), names)
        assert (point.id, point.quality) == (TEACHER_POINT, 0.8 if quality == "accuracy" else 1.0)
        assert (point.error(Axes(quality=quality), 100) is None) == (quality != "accuracy")
    assert teacher_points([run], Axes("memory"), names) == []
    assert [
        p.cost
        for p in teacher_points([run], Axes("memory"), names, Measurements({}, {teacher_of(run): measured(1, 5)}))
    ] == [5]


def test_errors_are_those_of_a_fraction_of_the_examples() -> None:
    assert (
        quality_error(0.7, "accuracy", 400, 0.8)
        == quality_error(0.7, "agreement", 400, 0.8)
        == standard_error(0.7, 400)
    )
    assert quality_error(0.7 / 0.8, "retention", 400, 0.8) == pytest.approx(standard_error(0.7, 400) / 0.8)
    assert quality_error(0.7, "loyalty", 400, 0.8) is None


def test_a_link_names_axes_or_is_refused() -> None:
    assert axes_named(None, None) == Axes("total", "accuracy")
    for cost, quality in PAIRS:
        assert axes_named(cost, quality) == Axes(cost, quality)
    with pytest.raises(SpecError, match="the frontier's cost is 'weight'; give one of total, nonzero, stored"):
        axes_named("weight", None)
    with pytest.raises(SpecError, match="the frontier's quality is 'beauty'; give one of accuracy, retention"):
        axes_named(None, "beauty")


def test_an_unknown_axis_is_an_error() -> None:
    with pytest.raises(ValueError, match="weight"):
        cost_of(COUNTS, "weight")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="beauty"):
        quality_of(finished_run("1", SPECS[0], 0.5).result, "beauty")  # type: ignore[arg-type]
