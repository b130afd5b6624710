"""Each seed counts once, by its newest run, and runs of two teachers are no seeds of each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.seed_groups import group_and_baselines, seed_group, with_seed, without_reruns
from labcore.evaluate.significance import over_seeds
from labcore.exercise.attempt import Attempt, Slot
from labcore.exercise.attempt_results import results_of
from labcore.results.events import ConditionAccuracy
from labcore.results.run import FinishedRun
from labcore.runs.paired_comparison import seeds_of
from labcore.views.frontier.frontier_chart import named_points, named_teacher_points
from tests.shared.reference import reference_of
from tests.shared.runs import finished_run
from tests.shared.two_teachers import STEPS, of


def test_reruns_of_a_seed_are_one_seed() -> None:
    spec = Spec(steps=STEPS)
    again = [finished_run(f"2026-0{i}", spec, accuracy) for i, accuracy in enumerate((0.7, 0.8, 0.9))]
    [point] = named_points(again, Axes())
    assert (point.quality, point.seeds, point.id) == (0.9, (0.9,), "2026-02")
    assert set(point.runs) == {run.id for run in again}  # each of them leads to the point
    other = finished_run("2026-05", with_seed(spec, 1), 0.5)
    for order in ([other, *again], [*reversed(again), other]):
        [point] = named_points(order, Axes())
        assert sorted(point.seeds) == [0.5, 0.9]
        assert point.quality == pytest.approx(0.7)
        assert [run.id for run in seed_group(spec, order).runs] == ["2026-02", "2026-05"]
        assert {run.id for run in without_reruns(order)} == {"2026-02", "2026-05"}
        assert {run.id for run in seeds_of(again[0], order)} == {"2026-00", "2026-05"}  # itself for its seed
        assert over_seeds(seed_group(spec, order).accuracies).n == 2


def test_a_seed_that_ran_twice_within_a_second_counts_by_its_newer_run() -> None:
    first, second = (replace(finished_run("2026-01", Spec(), a), id=i) for i, a in (("a1", 0.1), ("a2", 0.2)))
    assert seed_group(Spec(), [second, first]).accuracies == [0.2]
    assert [run.id for run in without_reruns([second, first])] == ["a2"]


def test_a_rerun_is_no_seed_in_the_exercise() -> None:
    slots = tuple(Slot((KeepLayers(count=n),)) for n in (1, 2, 3))
    attempt = Attempt("a" * 16, slots=slots)  # type: ignore[arg-type]
    runs = [finished_run(f"2026-0{i}", attempt.spec(i), 0.6 + i / 10) for i in range(3)]
    later = [replace(finished_run(f"2026-1{i}", attempt.spec(i), 0.7), id=f"later{i}") for i in range(3)]
    results = results_of(attempt, [*runs, *later])
    assert results is not None
    assert (results.seeds, results.accuracies) == (1, [0.7, 0.7, 0.7])


def test_a_rerun_is_no_seed_in_reference_results() -> None:
    ways = dict.fromkeys(("clean", "agrees", "contradicts"), 0.5)

    def run(created: str, seed: int, clean: float) -> FinishedRun:
        made = finished_run(created, with_seed(Spec(teacher="cued-95", task="cued", steps=STEPS), seed), 0.8)
        conditions = ConditionAccuracy(1, ways | {"clean": clean}, ways, ways)
        return replace(made, result=replace(made.result, conditions=conditions))

    runs = [run("2026-01", 0, 0.1), run("2026-02", 0, 0.2), run("2026-03", 1, 0.4)]
    [group] = hard_weight_groups(reference_of("mimicry", runs), "cued-95")
    assert group.accuracies["clean"] == (0.2, 0.4)


def test_runs_of_two_teachers_are_no_seeds_of_each_other() -> None:
    one, two = of("/x/a", "1", 0), of("/x/a", "2", 1, "2026-02")
    assert [run.id for run in seeds_of(one, [two, one])] == [one.id]
    assert [len(point.seeds) for point in named_points([one, two], Axes())] == [1, 1]
    assert len(named_teacher_points([one, two], Axes())) == 2
    assert len({point.name for point in named_points([one, two], Axes())}) == 2
    assert [run.id for run in seed_group(one.spec, [one, two], like=two).runs] == [two.id]
    assert group_and_baselines(one.spec, [one, two], like=one)[0].runs == (one,)
    assert seed_group(one.spec, [one, two]).runs == ()  # neither is the teacher that is there now
