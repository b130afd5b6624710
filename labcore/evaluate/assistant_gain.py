"""What a teacher assistant adds: small students distilled with it and directly, in the same total number of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import SeedGroup, seed_group
from labcore.evaluate.significance import paired_difference
from labcore.results.evaluation import SeedMean
from labcore.results.run import Run


@dataclass(frozen=True)
class AssistantComparison:
    """One small student's runs directly from the teacher and with an assistant, seeds in the same order."""

    direct: SeedGroup
    assisted: SeedGroup

    @property
    def ratio(self) -> float:
        """The student's parameters over the teacher's."""
        return self.direct.finished[0].counts.ratio

    @property
    def assistant(self) -> Spec:
        """The spec of the student's last assistant."""
        return self.assisted.spec.chain[-2]

    @property
    def gain(self) -> SeedMean:
        """Accuracy with the assistant minus accuracy without it, over seeds."""
        return paired_difference(self.assisted.accuracies, self.direct.accuracies)


def assistant_comparisons(reference: ReferenceResults) -> list[AssistantComparison]:
    """The pairs of the reference results, the smallest student first."""
    groups: dict[Spec, SeedGroup] = {}
    for run in reference.runs:
        if run.spec.assistant is not None:
            group = seed_group(run.spec, reference.runs)
            groups.setdefault(group.spec, group)
    pairs = [AssistantComparison(_direct(group, reference.runs), group) for group in groups.values()]
    return sorted(pairs, key=lambda pair: pair.ratio)


def _direct(assisted: SeedGroup, runs: Sequence[Run]) -> SeedGroup:
    same = next(run for run in runs if run.spec.steps == assisted.spec.steps and run.spec.assistant is None)
    return seed_group(same.spec, runs)


def total_steps(spec: Spec) -> int:
    """Optimiser steps of the whole chain that leads to a spec's student."""
    return sum(each.distil.steps or 0 for each in spec.chain)
