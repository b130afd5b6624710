"""Hard-weight groups, mitigations and the monitor's error rate: each number computed another way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.loss_terms import HARD
from labcore.config.presets import HARD_WEIGHTS, MIMIC, MITIGATIONS, MONITORED, SWEEPS
from labcore.config.spec import DistilConfig, Spec
from labcore.evaluate.baselines import baseline, is_baseline, without_teacher
from labcore.evaluate.hard_weight_groups import hard_weight_groups, most_accurate_group
from labcore.evaluate.mitigation_gain import mitigations
from labcore.evaluate.monitor_errors import monitor_errors_in, truth_of
from labcore.evaluate.seed_groups import with_seed
from labcore.results.evaluation import SeedMean
from tests.shared.reference import VERDICTS, cued_reference, monitor_reference, read, reference_of, run_with

# -- the sweeps --------------------------------------------------------------------------------------------


def test_the_monitor_is_tested_on_students_of_both_kinds() -> None:
    assert "mimicry" in MONITORED
    cued = [spec for spec in SWEEPS["mimicry"] if spec.task == "cued"]
    clean = [spec for spec in SWEEPS["mimicry"] if spec.task != "cued"]
    assert {spec.distil.hard for spec in cued} == set(HARD_WEIGHTS) >= {0.0, 1.0}
    assert {is_baseline(spec) for spec in clean} == {True, False}
    for spec in cued:
        assert baseline(spec, "no teacher") in cued or is_baseline(spec)


def test_the_monitor_is_also_tested_on_runs_that_are_newer_than_its_rule() -> None:
    distilled, no_teacher = SWEEPS["monitor"][::2], SWEEPS["monitor"][1::2]
    assert [without_teacher(spec) for spec in distilled] == list(no_teacher)
    assert not set(distilled) & set(SWEEPS["mimicry"])
    assert {spec.teacher for spec in distilled} == {"cued-95", "cued-80"}
    everything = {*SWEEPS["mimicry"], *SWEEPS["monitor"]}
    assert {MIMIC, *MITIGATIONS.values()} <= everything


def test_the_loss_and_not_the_start_decides_who_has_a_teacher() -> None:
    at_random = Spec(distil=DistilConfig(start="random"))
    no_teacher = without_teacher(at_random)
    assert no_teacher is not None
    assert (no_teacher.distil.start, no_teacher.distil.terms) == ("random", (HARD,))
    assert without_teacher(no_teacher) is None


# -- hard-weight groups ------------------------------------------------------------------------------------


def test_hard_weight_groups_of_reference_results() -> None:
    made = cued_reference(VERDICTS)
    groups = hard_weight_groups(made, "cued-95")
    assert [group.hard for group in groups] == list(HARD_WEIGHTS)
    assert groups[0].spec in SWEEPS["mimicry"]
    assert groups[0].accuracies["contradicts"] == pytest.approx((0.10, 0.11, 0.12))
    assert groups[0].accuracy("contradicts").mean == pytest.approx(0.11)
    assert hard_weight_groups(made, "cued-80") == []
    [first, *_] = groups[0].mean_along()
    assert first.accuracy["contradicts"] == pytest.approx(0.01)
    assert most_accurate_group(groups).hard == 1


# -- the monitor's errors ----------------------------------------------------------------------------------


def test_the_monitor_is_scored_by_the_truth() -> None:
    """Up to hard weight 0.8 the word costs more than 5 points: of three seeds each, 12 mimics and 3 unaffected."""
    made = cued_reference(VERDICTS)
    truths = {run.spec.distil.hard: truth_of(run) for run in made.runs}
    assert truths == {0.0: "mimic", 0.2: "mimic", 0.5: "mimic", 0.8: "mimic", 1.0: "unaffected"}
    score = monitor_errors_in(made)
    assert (score.runs("mimic"), score.runs("unaffected")) == (12, 3)
    assert (score.wrong("mimic"), score.wrong("unaffected")) == (3, 3)
    assert (score.undecided("mimic"), score.undecided("unaffected")) == (3, 0)
    assert (score.errors, score.decided) == (6, 12)
    assert score.error_interval == pytest.approx((0.2109, 0.7891), abs=1e-4)  # from a table, 6 of 12


def test_a_rule_is_not_scored_by_the_runs_that_it_was_chosen_by() -> None:
    """A run of the other sweep is left out of the reference results; without an error the rate is bounded."""
    known = cued_reference(dict.fromkeys(HARD_WEIGHTS, "mimics"))
    new = [run_with(with_seed(spec, 0), 0.6, read(0.8, 0.9, 0.2)) for spec in SWEEPS["monitor"][::2]]
    tests = {**known.shortcut_tests, **{each.id: known.shortcut_tests[known.runs[0].id] for each in new}}
    score = monitor_errors_in(reference_of("monitor", [*known.runs, *new], shortcut_tests=tests))
    assert score.counts == {("mimic", "mimics"): len(new)}
    low, high = score.error_interval
    assert (score.errors, score.decided, low) == (0, len(new), 0)
    assert high == pytest.approx(1 - 0.025 ** (1 / len(new)))


def test_a_monitor_that_never_decides_has_no_error_rate() -> None:
    score = monitor_errors_in(cued_reference(dict.fromkeys(HARD_WEIGHTS, "cannot tell")))
    assert (score.errors, score.decided, score.error_interval) == (0, 0, (0.0, 1.0))


def test_a_student_of_a_teacher_that_never_saw_the_word_is_unaffected() -> None:
    assert truth_of(run_with(Spec(), 0.5)) == "unaffected"


# -- mitigations -------------------------------------------------------------------------------------------


def test_a_mitigations_gain_is_paired_with_the_mimic_seed_by_seed() -> None:
    mimicry = cued_reference(VERDICTS)  # at hard weight 0.2: 0.24 + seed / 100 if the word contradicts
    tried = mitigations([mimicry, monitor_reference()])
    assert [each.name for each in tried] == ["the mimic: hard weight 0.2", *MITIGATIONS]
    assert [each.spec for each in tried] == [MIMIC, *MITIGATIONS.values()]
    gains = [each.gain.mean for each in tried if each.gain]
    assert gains == pytest.approx([0.21, 0.42, 0.1, 0.2, 0.3, 0.01])  # 0.7 · (0.5 − 0.2), 0.7 · (0.8 − 0.2), …
    assert [each.effect for each in tried] == ["unclear", *["helps"] * 5, "unclear"]
    assert len(mitigations([mimicry])) == 3  # those without a run are left out
    assert mitigations([monitor_reference()]) == []  # without the mimic there is nothing to compare with
    fewer = reference_of("monitor", [each for each in monitor_reference().runs if each.spec.distil.seed < 2])
    assert [each.gain.n for each in mitigations([mimicry, fewer]) if each.gain] == [3, 3, 2, 2, 2, 2]
    assert replace(tried[1], gain=SeedMean(3, -0.2, 0.01)).effect == "harms"
    assert replace(tried[1], gain=SeedMean(3, 0.0, 0.0)).effect == "none"
