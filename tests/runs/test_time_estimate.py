"""The estimated time of a run, against the reference results, and that of a class."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest

from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec
from labcore.evaluate.reference import reference_results
from labcore.results.run import FinishedRun
from labcore.runs.class_time import BUDGETS, class_time, shorter_settings
from labcore.runs.time_estimate import NO_TIME, OFFERED_STEPS, TimeEstimate, estimate, longest_within
from labcore.system.processor import machine

REFERENCE = [run for name in SWEEPS if (results := reference_results(name)) for run in results.runs]
RUN = REFERENCE[0]


def with_steps(run: FinishedRun, steps: int) -> Spec:
    return replace(run.spec, distil=replace(run.spec.distil, steps=steps))


def test_the_median_reference_run_takes_as_long_as_estimated() -> None:
    ratios = [run.result.seconds / estimate(run.spec, run.counts, []).seconds for run in REFERENCE]
    assert 0.8 < median(ratios) < 1.25


def test_an_earlier_run_estimates_itself() -> None:
    itself = estimate(RUN.spec, RUN.counts, [RUN])
    assert itself.measured
    assert itself.seconds == pytest.approx(RUN.result.seconds)


def test_a_run_on_another_device_estimates_nothing() -> None:
    here, elsewhere = (replace(RUN, machine=name) for name in (machine(), "cuda (a GPU), bf16, torch 2.13.0"))
    assert estimate(RUN.spec, RUN.counts, [elsewhere]) == estimate(RUN.spec, RUN.counts, [])
    assert estimate(RUN.spec, RUN.counts, [elsewhere, here]) == estimate(RUN.spec, RUN.counts, [RUN])


def test_a_machine_that_is_twice_as_slow_takes_twice_as_long() -> None:
    slow = replace(
        RUN,
        result=replace(
            RUN.result, seconds=2 * RUN.result.seconds, examples_per_second=RUN.result.examples_per_second / 2
        ),
    )
    longer = with_steps(RUN, 2000)
    fast, slow_time = (estimate(longer, RUN.counts, [one]).seconds for one in (RUN, slow))
    assert slow_time == pytest.approx(2 * fast, rel=0.1)


def test_more_steps_take_longer_and_a_budget_takes_itself() -> None:
    times = [estimate(with_steps(RUN, steps), RUN.counts, []).seconds for steps in OFFERED_STEPS]
    assert times == sorted(times)
    budget = replace(RUN.spec, distil=replace(RUN.spec.distil, steps=None, seconds=100.0))
    assert 100 < estimate(budget, RUN.counts, []).seconds < 200
    assert NO_TIME + TimeEstimate(3.0, measured=False) == TimeEstimate(3.0, measured=False)


def test_a_teacher_that_runs_in_each_step_takes_time() -> None:
    compared = replace(RUN.spec, distil=replace(RUN.spec.distil, hidden=0.5, hidden_at="tokens"))
    assert estimate(compared, RUN.counts, []).seconds > 1.5 * estimate(RUN.spec, RUN.counts, []).seconds


def test_the_longest_training_within_a_time_is_just_within_it() -> None:
    longest = longest_within(RUN.spec, RUN.counts, [], 60)
    assert longest is not None
    spec, time = longest
    assert time.seconds <= 60 < estimate(with_steps(RUN, 10_000), RUN.counts, []).seconds
    longer = OFFERED_STEPS[OFFERED_STEPS.index(spec.distil.steps or 0) + 1]
    assert estimate(with_steps(RUN, longer), RUN.counts, []).seconds > 60
    assert longest_within(RUN.spec, RUN.counts, [], 1) is None


def test_a_class_waits_for_all_its_runs_and_is_offered_less() -> None:
    spec = with_steps(RUN, 20_000)
    now = class_time(spec, RUN.counts, [], 30)
    assert now.last == pytest.approx(30 * now.one)
    offers = shorter_settings(spec, RUN.counts, [], 30)
    assert offers
    assert all(offer.last < now.last for offer in offers)
    assert all(offer.last <= BUDGETS[-1] for offer in offers)
    assert [offer.last for offer in offers] == sorted(offer.last for offer in offers)
    assert shorter_settings(spec, RUN.counts, [], 10_000) == ()
    with pytest.raises(ValueError, match="at least 1"):
        class_time(spec, RUN.counts, [], 0)
