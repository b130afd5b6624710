"""The capacity gap: students of rising size with and without their teacher, and the smallest that stays close to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

from labcore.config.spec import Spec
from labcore.evaluate.baselines import is_baseline
from labcore.evaluate.seed_groups import SeedGroup, seed_group
from labcore.evaluate.significance import CONFIDENCE, is_significant, over_seeds, paired_difference
from labcore.results.evaluation import ErrorOverlap, SeedMean
from labcore.results.run import FinishedRun


@dataclass(frozen=True, kw_only=True)
class SizeResult:
    """One student of a sweep: its test accuracy for each seed, distilled and without a teacher.

    spec: the distilled student's. ratio: its parameters over the teacher's. steps: of its training, the same for both.
    gap_variance: the variance of the gap to the teacher over test splits of this size.
    """

    spec: Spec
    parameters: int
    ratio: float
    steps: int
    teacher_accuracy: float
    distilled: tuple[float, ...]
    no_teacher: tuple[float, ...]
    gap_variance: float

    @property
    def distilled_mean(self) -> SeedMean:
        """The accuracy with the teacher, over seeds."""
        return over_seeds(self.distilled)

    @property
    def no_teacher_mean(self) -> SeedMean:
        """The accuracy without a teacher, over seeds."""
        return over_seeds(self.no_teacher)

    @property
    def gap(self) -> float:
        """The teacher's accuracy minus the distilled student's, a mean over seeds."""
        return self.teacher_accuracy - fmean(self.distilled)

    @property
    def retention(self) -> float:
        """The distilled student's accuracy over the teacher's, a mean over seeds."""
        return fmean(self.distilled) / self.teacher_accuracy

    @property
    def gain(self) -> SeedMean:
        """What the teacher adds: accuracy with it minus accuracy without it, paired by seed."""
        return paired_difference(self.distilled, self.no_teacher)


@dataclass(frozen=True)
class Smallest:
    """Which student is the smallest within the acceptable loss, with its probability.

    student: None if it is more probable that none is. others: further students that
    cannot be excluded, with their probabilities.
    """

    student: SizeResult | None
    probability: float
    others: tuple[tuple[SizeResult, float], ...] = ()


def size_results(runs: Sequence[FinishedRun]) -> list[SizeResult]:
    """The students of a sweep's runs, the smallest first. Each seed needs both: distilled, and without a teacher."""
    distilled = [run for run in runs if not is_baseline(run.spec)]
    groups = {run.spec.steps: seed_group(run.spec, distilled) for run in distilled}
    return sorted((_size_result(group, runs) for group in groups.values()), key=lambda size: size.ratio)


def _size_result(group: SeedGroup, runs: Sequence[FinishedRun]) -> SizeResult:
    first = group.finished[0]
    baselines = [run for run in runs if is_baseline(run.spec) and run.spec.steps == group.spec.steps]
    evaluations = [run.result.evaluation for run in group.finished if run.result.evaluation]
    return SizeResult(
        spec=group.spec,
        parameters=first.counts.student.total,
        ratio=first.counts.ratio,
        steps=group.spec.distil.steps or 0,
        teacher_accuracy=first.result.teacher_accuracy,
        distilled=tuple(group.accuracies),
        no_teacher=tuple(seed_group(baselines[0].spec, baselines).accuracies),
        gap_variance=fmean(gap_variance(each.error_overlap) for each in evaluations),
    )


def gap_variance(overlap: ErrorOverlap) -> float:
    """The variance of the gap to the teacher, over test splits of this size: that of a mean of paired differences.

    An example counts 1 if only the teacher is right, −1 if only the student is, else 0.
    """
    n = overlap.kept + overlap.new + overlap.corrected + overlap.inherited + overlap.other
    return ((overlap.new + overlap.corrected) / n - ((overlap.new - overlap.corrected) / n) ** 2) / n


def probability_within(sizes: Sequence[SizeResult], loss: float) -> list[float]:
    """For each size the probability that the student's accuracy is at most `loss` below its teacher's.

    The gap is assumed to be normally distributed. Its variance is that of the mean over seeds, plus that of the
    examples. The standard deviation of a seed is pooled over all sizes.
    """
    pooled = fmean(variance(size.distilled) if len(size.distilled) > 1 else 0.0 for size in sizes)
    return [
        NormalDist(size.gap, math.sqrt(pooled / len(size.distilled) + size.gap_variance)).cdf(loss) for size in sizes
    ]


def first_within(probabilities: Sequence[float]) -> list[float]:
    """For each size the probability that it is the smallest within the acceptable loss, and no smaller one is.

    Sizes are treated as independent, although they share their test examples.
    """
    first, none_before = [], 1.0
    for probability in probabilities:
        first.append(none_before * probability)
        none_before *= 1 - probability
    return first


def smallest_within(sizes: Sequence[SizeResult], loss: float) -> Smallest:
    """The most probable smallest student within `loss`, and those that cannot be excluded."""
    probabilities = first_within(probability_within(sizes, loss))
    best = max(range(len(sizes)), key=probabilities.__getitem__)
    none = 1 - sum(probabilities)
    if probabilities[best] < none:
        return Smallest(None, none)
    others = tuple((sizes[i], each) for i, each in enumerate(probabilities) if each > 1 - CONFIDENCE and i != best)
    return Smallest(sizes[best], probabilities[best], others)


def too_small(sizes: Sequence[SizeResult], loss: float) -> list[SizeResult]:
    """The students that are significantly further than `loss` below their teacher."""
    return [size for size, each in zip(sizes, probability_within(sizes, loss), strict=True) if each < 1 - CONFIDENCE]


def helped_by_teacher(sizes: Sequence[SizeResult]) -> list[SizeResult]:
    """The students whose teacher adds significantly to their accuracy."""
    return [size for size in sizes if is_significant(size.gain) and size.gain.mean > 0]
