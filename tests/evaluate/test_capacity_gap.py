"""The capacity gap and teacher assistants: each statistic computed another way."""

from __future__ import annotations

import math
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.presets import CAPACITIES, SWEEPS
from labcore.config.spec import Spec
from labcore.evaluate.assistant_gain import assistant_comparisons, total_steps
from labcore.evaluate.baselines import baseline, is_baseline
from labcore.evaluate.capacity_gap import (
    SizeResult,
    first_within,
    gap_variance,
    helped_by_teacher,
    probability_within,
    size_results,
    smallest_within,
    too_small,
)
from labcore.evaluate.seed_groups import with_seed
from labcore.runs.cache import counted
from tests.shared.reference import OVERLAP, reference_of, run_with, size

# -- the sweeps --------------------------------------------------------------------------------------------


def test_sizes_go_from_two_to_eighty_per_cent_each_with_and_without_its_teacher() -> None:
    specs = SWEEPS["capacity"]
    ratios = [counted(spec).ratio for spec in specs if not is_baseline(spec)]
    assert ratios == sorted(ratios)
    assert ratios[0] == pytest.approx(0.02, abs=0.005)
    assert ratios[-1] == pytest.approx(0.80, abs=0.01)
    for distilled, no_teacher in zip(specs[::2], specs[1::2], strict=True):
        assert no_teacher == baseline(distilled, "no teacher")
        assert distilled.distil.steps == no_teacher.distil.steps


def test_a_chain_has_as_many_steps_as_the_direct_run() -> None:
    direct, assisted = SWEEPS["assistant"][::2], SWEEPS["assistant"][1::2]
    for one, other in zip(direct, assisted, strict=True):
        assert one.steps == other.steps
        assert one.assistant is None
        assert total_steps(one) == total_steps(other) == 1000
        assert other.assistant.steps in {spec.steps for spec in SWEEPS["capacity"]}


def test_every_size_differs_from_the_next() -> None:
    assert len(set(CAPACITIES)) == len(CAPACITIES)


# -- sizes -------------------------------------------------------------------------------------------------


def test_the_gap_variance_is_that_of_a_mean_of_paired_differences() -> None:
    differences = [0] * 950 + [1] * 100 + [-1] * 50
    mean = fmean(differences)
    by_hand = fmean((d - mean) ** 2 for d in differences) / len(differences)
    assert gap_variance(OVERLAP) == pytest.approx(by_hand)


def test_the_probability_to_be_the_smallest_within_the_loss_is_that_of_many_draws() -> None:
    sizes = [size(0.1, (0.79, 0.81, 0.80)), size(0.2, (0.81, 0.82, 0.83)), size(0.4, (0.83, 0.83, 0.83))]
    computed = first_within(probability_within(sizes, 0.03))
    pooled = (1e-4 + 1e-4 + 0) / 3
    draw = random.Random(0)
    counts, n = [0, 0, 0], 40_000
    for _ in range(n):
        for i, each in enumerate(sizes):
            gap = draw.gauss(0.84 - fmean(each.distilled), math.sqrt(pooled / 3 + 1e-4))
            if gap <= 0.03:
                counts[i] += 1
                break
    for analytic, count in zip(computed, counts, strict=True):
        assert analytic == pytest.approx(count / n, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_one_size_at_most_is_the_smallest(probabilities: list[float]) -> None:
    first = first_within(probabilities)
    assert all(0 <= each <= 1 for each in first)
    none = math.prod(1 - each for each in probabilities)
    assert sum(first) + none == pytest.approx(1)


def test_the_smallest_within_a_loss_and_those_that_are_too_small() -> None:
    sizes = [size(0.1, (0.81, 0.81, 0.81)), size(0.4, (0.835, 0.835, 0.835)), size(0.8, (0.84, 0.84, 0.84))]
    even = smallest_within(sizes, 0.03)
    assert even.student is sizes[0]
    assert even.probability == pytest.approx(0.5)  # its gap is the acceptable loss
    assert [each for each, _ in even.others] == [sizes[1]]
    far = [size(0.1, (0.7, 0.7, 0.7)), *sizes[1:]]
    assert smallest_within(far, 0.03).student is far[1]
    assert too_small(far, 0.03) == far[:1]
    assert smallest_within(far[:1], 0.01).student is None


def test_the_teacher_helps_only_if_the_gain_is_significant_and_positive() -> None:
    distilled = (0.79, 0.80, 0.81)
    better, same, worse = (tuple(each - shift for each in distilled) for shift in (0.01, 0.0, -0.01))
    sizes = [size(0.1, distilled, better), size(0.2, distilled, same), size(0.4, distilled, worse)]
    assert helped_by_teacher(sizes) == sizes[:1]
    assert helped_by_teacher([size(0.1, distilled, (0.78, 0.81, 0.79))]) == []  # +0.7 ± more than that


def test_the_sizes_of_reference_results() -> None:
    specs = [spec for spec in SWEEPS["capacity"] if spec.steps in {s.steps for s in SWEEPS["capacity"][:4]}]
    runs = [
        run_with(with_seed(spec, seed), 0.70 + i / 100 + seed / 1000)
        for i, spec in enumerate(specs)
        for seed in (0, 1, 2)
    ]
    sizes: list[SizeResult] = size_results(runs)
    assert [each.distilled for each in sizes] == [
        pytest.approx((0.70, 0.701, 0.702)),
        pytest.approx((0.72, 0.721, 0.722)),
    ]
    assert [each.spec for each in sizes] == [specs[0], specs[2]]
    assert sizes[1].gain.mean == pytest.approx(-0.01)
    assert sizes[1].gain.half == pytest.approx(0.0)
    assert sizes[0].parameters == counted(specs[0]).student.total
    assert sizes[0].gap_variance == gap_variance(OVERLAP)


# -- assistants --------------------------------------------------------------------------------------------


def test_a_student_with_an_assistant_is_paired_with_the_direct_one() -> None:
    runs = [
        run_with(with_seed(spec, seed), 0.75 + (0.02 if spec.assistant else 0.0) + seed / 1000)
        for spec in SWEEPS["assistant"]
        for seed in (0, 1, 2)
    ]
    pairs = assistant_comparisons(reference_of("assistant", runs))
    assert [pair.direct.spec.steps for pair in pairs] == [spec.steps for spec in SWEEPS["assistant"][::2]]
    assert all(pair.gain.mean == pytest.approx(0.02) for pair in pairs)
    assert isinstance(pairs[0].assistant, Spec)
    assert pairs[0].assistant.steps == SWEEPS["assistant"][1].assistant.steps
