"""What may be tried against a mimic: students that were taught so, beside the same student as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from labcore.config.presets import MIMIC, MITIGATIONS
from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import SeedGroup, seed_groups
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import Seeds
from labcore.results.events import ConditionAccuracy
from labcore.views.evaluate.seed_table import accuracy_in_words, points_in_words
from labcore.views.mimicry.mimicry_chart import WAYS


@dataclass(frozen=True)
class Mitigation:
    """One thing that was tried, and each seed's test accuracy by reading.

    gained: where the cue contradicts the label, the accuracy less that of the mimic as it is, seed by seed; None of the mimic.
    """

    name: str
    spec: Spec
    accuracy: Mapping[str, tuple[float, ...]]
    gained: Seeds | None = None

    @property
    def surely(self) -> Literal["helps", "harms", "changes nothing"] | None:
        """Whether over these seeds it surely gains or loses something, or not a single answer; None where that can't be told."""
        if self.gained is None or self.gained.half is None:
            return None
        if self.gained.mean == self.gained.half == 0:
            return "changes nothing"
        if abs(self.gained.mean) <= self.gained.half:
            return None
        return "helps" if self.gained.mean > 0 else "harms"


def mitigations(all_reference_results: Iterable[ReferenceResults]) -> list[Mitigation]:
    """The mimic as it is, then what was tried against it, in the order of MITIGATIONS; what is not recorded is left out."""
    runs = [run for recording in all_reference_results for run in recording.runs]
    before = _by_seed(seed_groups(MIMIC, runs))
    if not before:
        return []
    mimic = Mitigation(f"as it is: hard weight {MIMIC.distil.hard:g}", MIMIC, _by_reading(before))
    return [
        mimic,
        *(
            _tried(name, spec, after, before)
            for name, spec in MITIGATIONS.items()
            if (after := _by_seed(seed_groups(spec, runs)))
        ),
    ]


def _by_seed(series: SeedGroup) -> dict[int, ConditionAccuracy]:
    return {run.spec.distil.seed: run.result.conditions for run in series.finished if run.result.conditions}


def _by_reading(seeds: Mapping[int, ConditionAccuracy]) -> dict[str, tuple[float, ...]]:
    return {way: tuple(read.accuracy[way] for read in seeds.values()) for way in WAYS}


def _tried(name: str, spec: Spec, after: Mapping[int, ConditionAccuracy], before: Mapping[int, ConditionAccuracy]) -> Mitigation:
    both = sorted(after.keys() & before.keys())
    gained = [after[seed].accuracy["contradicts"] - before[seed].accuracy["contradicts"] for seed in both]
    return Mitigation(name, spec, _by_reading(after), over_seeds(gained) if gained else None)


def mitigations_table(tried: Sequence[Mitigation]) -> pd.DataFrame:
    """A row for the mimic and for each thing that was tried: accuracy by reading, and what is gained, ± 95 % intervals."""
    return pd.DataFrame(
        [
            {
                "lesson": remedy.name,
                **{way: accuracy_in_words(remedy.accuracy[way]) for way in WAYS},
                "gained, contradicts": "–" if remedy.gained is None else points_in_words(remedy.gained),
                "seeds": len(remedy.accuracy["clean"]),
            }
            for remedy in tried
        ]
    )


GROUPS = {
    "helps": "These surely help",
    "harms": "These do harm",
    None: "Of these it can't be told",
    "changes nothing": "These come to the very same students, for the best checkpoint is kept anyway",
}


def mitigations_in_words(tried: Sequence[Mitigation]) -> str:
    """Which of them surely help, which harm, of which that can't be told, which change nothing: points gained where the cue contradicts."""
    said = []
    for surely, words in GROUPS.items():
        named = [
            f"*{each.name}*" + ("" if surely == "changes nothing" else f" ({points_in_words(each.gained)})")
            for each in tried
            if each.gained and each.surely == surely
        ]
        if named:
            said.append(f"{words}: {', '.join(named)}.")
    return " ".join(said)
