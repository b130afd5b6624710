"""The tour's statements, recomputed from its reference results; its journey in Chromium repeats each comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.tour_students import STUDENT, TOUR_SPECS
from labcore.evaluate import reference
from labcore.evaluate.seed_groups import with_seed
from labcore.evaluate.tour_results import mean_curve, reference_figures, runs_of_arm, verdict_on
from labcore.guide.tour import STOPS, stop_named
from labcore.guide.tour.deciding import ASKED_LOSS, SIZED
from labcore.guide.tour.stop import Compare, ReferenceFigures, Stop
from labcore.results.evaluation import SeedMean
from tests.shared.reference import SHIPPED, VERDICTS, capacity_reference, cued_reference
from tests.shared.tour import made_up, tour_reference

COMPARISONS = [stop for stop in STOPS if isinstance(stop.act, Compare)]


def test_means_differences_and_curves_of_reference_results() -> None:
    made = tour_reference()
    shown = reference_figures(made, mimicry=cued_reference(VERDICTS), capacity=capacity_reference())
    assert shown.accuracies["yours"].mean == pytest.approx(0.71)
    assert shown.differences["tiny, longer", "tiny, longer, no teacher"].mean == pytest.approx(0.02)
    assert shown.differences["tiny, longer", "tiny, longer, no teacher"].n == shown.seeds == 3
    assert [run.spec.distil.seed for run in runs_of_arm(made, "tiny")] == [0, 1, 2]
    assert [point.step for point in mean_curve(made, "yours")] == [0, 10, 20, 30, 40]
    assert shown.validations["yours"] == pytest.approx((0.5, 0.71))
    assert shown.best_step == 20
    assert shown.losses["long"] == pytest.approx((0.5, 0.7))


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        (SeedMean(3, 0.02, 0.01), "higher"),
        (SeedMean(3, -0.02, 0.01), "lower"),
        (SeedMean(3, 0.02, 0.03), "no difference"),
        (SeedMean(1, 0.02, None), "no difference"),
    ],
)
def test_a_verdict_is_the_intervals(difference: SeedMean, verdict: str) -> None:
    assert verdict_on(difference) == verdict


# -- what ships -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> ReferenceFigures:
    tour, mimicry, capacity = (reference.read(SHIPPED / f"{name}.json") for name in ("tour", "mimicry", "capacity"))
    return reference_figures(tour, mimicry=mimicry, capacity=capacity)


@pytest.mark.parametrize("stop", COMPARISONS, ids=lambda stop: stop.name)
def test_the_right_guess_of_a_comparison_follows_from_its_verdict(stop: Stop) -> None:
    assert isinstance(stop.act, Compare)
    arms, made = stop.act.arms, made_up()
    seen = {}
    for verdict in ("higher", "no difference", "lower"):
        shown = replace(made, verdicts={**made.verdicts, arms: verdict})
        seen[verdict] = stop.choices[stop.right(shown)]
        assert stop.act.meanings[verdict] in stop.statement((0.7, 0.6), shown)
    assert list(seen.values()) == ["less accurate", "hardly any difference", "more accurate"]  # the second arm


def test_the_reference_results_are_of_five_seeds_each(shipped: ReferenceFigures) -> None:
    assert {mean.n for mean in shipped.accuracies.values()} == {shipped.seeds} == {5}
    for name in ("half-size", "soft targets", "capacity"):  # of these the tour's questions and texts leave no doubt
        [stop] = [stop for stop in COMPARISONS if stop.name == name]
        assert isinstance(stop.act, Compare)
        assert shipped.verdicts[stop.act.arms] == "higher"


def test_the_reference_results_show_what_the_other_stops_state(shipped: ReferenceFigures) -> None:
    assert 0.8 < shipped.teacher < 0.87  # five sixths
    start, best = shipped.validations["yours"]
    assert start < 0.56
    assert 0.7 < best < 0.8  # from chance to about three quarters
    lowest, last = shipped.losses["long"]
    assert last > 1.1 * lowest  # it falls, then rises
    assert 0 < shipped.best_step < 640
    assert shipped.losses["long, regularised"][1] < last
    assert shipped.misled[0.0].mean < 1 / 3  # less than a third
    assert shipped.misled[1.0].mean > 2 * shipped.misled[0.0].mean


def test_the_reference_results_show_the_best_trade_off_of_the_question(shipped: ReferenceFigures) -> None:
    within = [arm for arm in SIZED if shipped.accuracies[arm].mean >= shipped.teacher - ASKED_LOSS]
    assert within == ["half, from the teacher"]
    assert stop_named("trade-off").choices[stop_named("trade-off").right(shipped)] == "the half-size student"


def test_when_a_teacher_is_worth_its_cost_is_what_capacity_shows(shipped: ReferenceFigures) -> None:
    smallest, *_, largest = shipped.by_size
    assert verdict_on(smallest.gain) == "higher"
    assert verdict_on(largest.gain) == "no difference"
    assert smallest.accuracy.mean + 0.03 < largest.accuracy.mean  # longer training does not close the gap
    assert (f"{smallest.ratio:.0%}", f"{shipped.ratios['tiny']:.0%}", f"{shipped.ratios[SIZED[1]]:.0%}") == (
        "2%",
        "2%",
        "32%",
    )


def test_every_recorded_spec_differs() -> None:
    assert len({*TOUR_SPECS.values()}) == len(TOUR_SPECS)
    assert all(with_seed(spec, 0) == spec for spec in TOUR_SPECS.values())
    assert replace(STUDENT) == TOUR_SPECS["yours"]
