"""Hard-weight groups: students of a teacher that learned a cue, grouped by the weight of the true labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed, without_reruns
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import SeedMean
from labcore.results.events import ConditionAccuracy
from labcore.results.run import FinishedRun

CONDITIONS = ("clean", "agrees", "contradicts")  # the test examples without the cue, and with it


@dataclass(frozen=True, kw_only=True)
class HardWeightGroup:
    """Students of one teacher and one hard weight: for each condition of the test examples, each seed's figures.

    spec: of all, with seed 0. retention, test_agreement: of each seed on the task's own test examples, which hold the
    cue at random. teacher_accuracy: by condition; teacher_test_accuracy: on the task's own. along: conditions along
    each seed's training.
    """

    spec: Spec
    accuracies: Mapping[str, tuple[float, ...]]
    agreements: Mapping[str, tuple[float, ...]]
    teacher_accuracy: Mapping[str, float]
    retentions: tuple[float, ...]
    test_agreements: tuple[float, ...]
    teacher_test_accuracy: float
    along: tuple[tuple[ConditionAccuracy, ...], ...]

    @property
    def hard(self) -> float:
        """The hard weight."""
        return self.spec.distil.hard

    def accuracy(self, condition: str) -> SeedMean:
        """The accuracy under one condition, over seeds."""
        return over_seeds(self.accuracies[condition])

    def agreement(self, condition: str) -> SeedMean:
        """The agreement with the teacher under one condition, over seeds."""
        return over_seeds(self.agreements[condition])

    @property
    def retention(self) -> float:
        """The mean retention on the task's own test examples."""
        return fmean(self.retentions)

    @property
    def test_agreement(self) -> float:
        """The mean agreement on the task's own test examples."""
        return fmean(self.test_agreements)

    def mean_along(self) -> list[ConditionAccuracy]:
        """The conditions along the training: a mean over seeds, at each validation that all seeds had."""
        return [
            ConditionAccuracy(
                step=seeds[0].step,
                accuracy={name: fmean(each.accuracy[name] for each in seeds) for name in CONDITIONS},
                agreement={name: fmean(each.agreement[name] for each in seeds) for name in CONDITIONS},
                teacher_accuracy=seeds[0].teacher_accuracy,
            )
            for seeds in zip(*self.along, strict=False)
        ]


def hard_weight_groups(reference: ReferenceResults, teacher: str) -> list[HardWeightGroup]:
    """The students of a cued teacher, by rising hard weight, each seed once."""
    runs: dict[Spec, list[FinishedRun]] = {}
    for run in without_reruns(reference.runs):
        if run.spec.teacher == teacher and run.result.conditions:
            runs.setdefault(with_seed(run.spec, 0), []).append(run)
    groups = (_group(spec, seeds, reference.conditions) for spec, seeds in runs.items())
    return sorted(groups, key=lambda group: group.hard)


def _group(
    spec: Spec, runs: Sequence[FinishedRun], along: Mapping[str, tuple[ConditionAccuracy, ...]]
) -> HardWeightGroup:
    measured = [run.result.conditions for run in runs if run.result.conditions]
    return HardWeightGroup(
        spec=spec,
        accuracies=accuracies_by_condition(measured),
        agreements={name: tuple(each.agreement[name] for each in measured) for name in CONDITIONS},
        teacher_accuracy=measured[0].teacher_accuracy,
        retentions=tuple(run.result.retention for run in runs),
        test_agreements=tuple(run.result.agreement for run in runs),
        teacher_test_accuracy=runs[0].result.teacher_accuracy,
        along=tuple(along.get(run.id, ()) for run in runs),
    )


def accuracies_by_condition(seeds: Sequence[ConditionAccuracy]) -> dict[str, tuple[float, ...]]:
    """Each seed's accuracy, by condition."""
    return {name: tuple(each.accuracy[name] for each in seeds) for name in CONDITIONS}


def most_accurate_group(groups: Sequence[HardWeightGroup]) -> HardWeightGroup:
    """The group with the highest accuracy without the cue and against it, taken together."""
    return max(groups, key=lambda group: group.accuracy("contradicts").mean + group.accuracy("clean").mean)
