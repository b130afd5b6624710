"""What the reference runs show of the tour's claims: means, paired differences and curves, by arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from labcore.config.presets import HARD_WEIGHTS
from labcore.config.tour_students import TOUR_SPECS
from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed
from labcore.evaluate.significance import is_significant, over_seeds, paired_difference
from labcore.guide.tour import STOPS
from labcore.guide.tour.stop import AtSize, Compare, ReferenceFigures, Verdict
from labcore.results.evaluation import SeedMean
from labcore.results.events import Validation
from labcore.results.run import FinishedRun

CUED_TEACHER = "cued-95"


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Means over the recorded seeds after `step` steps: accuracy and loss on validation examples."""

    step: int
    accuracy: float
    loss: float


def runs_of_arm(reference: ReferenceResults, arm: str) -> list[FinishedRun]:
    """The reference runs of an arm, by seed."""
    runs = [run for run in reference.runs if with_seed(run.spec, 0) == TOUR_SPECS[arm]]
    return sorted(runs, key=lambda run: run.spec.distil.seed)


def has_every_arm(reference: ReferenceResults) -> bool:
    """Whether there are runs of each arm: those of an earlier version of the tour may lack some."""
    return all(runs_of_arm(reference, arm) for arm in TOUR_SPECS)


def mean_curve(reference: ReferenceResults, arm: str) -> list[CurvePoint]:
    """The validations of an arm's reference runs, a mean over seeds at each validation that all have."""
    seeds: Sequence[tuple[Validation, ...]] = [
        reference.validations.get(run.id, ()) for run in runs_of_arm(reference, arm)
    ]
    return [
        CurvePoint(step=at[0].step, accuracy=fmean(each.accuracy for each in at), loss=fmean(each.loss for each in at))
        for at in zip(*seeds, strict=False)
    ]


def reference_figures(
    reference: ReferenceResults, *, mimicry: ReferenceResults, capacity: ReferenceResults
) -> ReferenceFigures:
    """All that the tour states of the reference runs: its own, and those of the pages *Mimicry* and *Capacity*."""
    accuracies = {arm: tuple(run.result.accuracy for run in runs_of_arm(reference, arm)) for arm in TOUR_SPECS}
    curves = {arm: mean_curve(reference, arm) for arm in TOUR_SPECS}
    pairs = [stop.act.arms for stop in STOPS if isinstance(stop.act, Compare)]
    differences = {(a, b): paired_difference(accuracies[a], accuracies[b]) for a, b in pairs}
    long = curves["long"]
    return ReferenceFigures(
        teacher=reference.runs[0].result.teacher_accuracy,
        seeds=min(len(seeds) for seeds in accuracies.values()),
        accuracies={arm: over_seeds(seeds) for arm, seeds in accuracies.items()},
        ratios={arm: runs_of_arm(reference, arm)[0].counts.ratio for arm in TOUR_SPECS},
        differences=differences,
        verdicts={pair: verdict_on(difference) for pair, difference in differences.items()},
        validations={arm: (curve[0].accuracy, max(at.accuracy for at in curve)) for arm, curve in curves.items()},
        best_step=min(long, key=lambda at: at.loss).step,
        losses={arm: (min(at.loss for at in curve), curve[-1].loss) for arm, curve in curves.items()},
        misled=_misled(mimicry),
        by_size=tuple(
            AtSize(ratio=size.ratio, steps=size.steps, accuracy=size.distilled_mean, gain=size.gain)
            for size in size_results(capacity.runs)
        ),
    )


def _misled(mimicry: ReferenceResults) -> dict[float, SeedMean]:
    """Accuracy if the cue contradicts the label, by hard weight, of the students of the tour's cued teacher."""
    groups = hard_weight_groups(mimicry, CUED_TEACHER)
    assert [group.hard for group in groups] == list(HARD_WEIGHTS)
    return {group.hard: group.accuracy("contradicts") for group in groups}


def verdict_on(difference: SeedMean) -> Verdict:
    """What a paired difference over seeds shows, at 95 %."""
    if not is_significant(difference):
        return "no difference"
    return "higher" if difference.mean > 0 else "lower"
