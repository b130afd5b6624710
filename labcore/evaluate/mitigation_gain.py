"""Mitigations of mimicry: the same student with other training configurations, compared with the mimic seed by seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from labcore.config.presets import MIMIC, MITIGATIONS
from labcore.config.spec import Spec
from labcore.evaluate.hard_weight_groups import accuracies_by_condition
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import SeedGroup, seed_group
from labcore.evaluate.significance import is_significant, over_seeds, paired_difference
from labcore.results.evaluation import SeedMean
from labcore.results.events import ConditionAccuracy

MitigationEffect = Literal["helps", "harms", "unclear", "none"]


@dataclass(frozen=True)
class Mitigation:
    """A mitigation, and each seed's test accuracy by condition.

    gain: accuracy if the cue contradicts the label minus that of the mimic, paired by seed. It is None for the mimic
    itself, and if they have no seed in common.
    """

    name: str
    spec: Spec
    accuracies: Mapping[str, tuple[float, ...]]
    gain: SeedMean | None = None

    @property
    def seeds(self) -> int:
        """How many seeds were run."""
        return len(self.accuracies["clean"])

    @property
    def effect(self) -> MitigationEffect:
        """`helps` or `harms` if the gain is significant; `none` if it is exactly 0 for every seed; else `unclear`."""
        if self.gain is None or self.gain.half is None:
            return "unclear"
        if self.gain.mean == self.gain.half == 0:
            return "none"
        if not is_significant(self.gain):
            return "unclear"
        return "helps" if self.gain.mean > 0 else "harms"

    def accuracy(self, condition: str) -> SeedMean:
        """The accuracy under one condition, over seeds."""
        return over_seeds(self.accuracies[condition])


def mitigations(references: Iterable[ReferenceResults]) -> list[Mitigation]:
    """The mimic, then the mitigations in the order of MITIGATIONS; those without a run are left out."""
    runs = [run for reference in references for run in reference.runs]
    mimic = _by_seed(seed_group(MIMIC, runs))
    if not mimic:
        return []
    tried = ((name, spec, _by_seed(seed_group(spec, runs))) for name, spec in MITIGATIONS.items())
    return [
        Mitigation(f"the mimic: hard weight {MIMIC.distil.hard:g}", MIMIC, accuracies_by_condition([*mimic.values()])),
        *(
            Mitigation(name, spec, accuracies_by_condition([*seeds.values()]), _gain(seeds, mimic))
            for name, spec, seeds in tried
            if seeds
        ),
    ]


def _by_seed(group: SeedGroup) -> dict[int, ConditionAccuracy]:
    return {run.spec.distil.seed: run.result.conditions for run in group.finished if run.result.conditions}


def _gain(seeds: Mapping[int, ConditionAccuracy], mimic: Mapping[int, ConditionAccuracy]) -> SeedMean | None:
    common = sorted(seeds.keys() & mimic.keys())
    if not common:
        return None
    with_it, without = ([runs[seed].accuracy["contradicts"] for seed in common] for runs in (seeds, mimic))
    return paired_difference(with_it, without)
