"""What may be tried against a mimic: students that were taught so, beside the same student as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from labcore.distil.paired import over_seeds
from labcore.judgement import Seeds
from labcore.presets import A_MIMIC, REMEDIES
from labcore.record import Readings
from labcore.runs.recorded import Recording
from labcore.runs.series import Series, series_of
from labcore.spec import Spec
from labcore.views.mimicry import WAYS
from labcore.views.series import accuracy_in_words, points_in_words


@dataclass(frozen=True)
class Remedy:
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


def remedies(recordings: Iterable[Recording]) -> list[Remedy]:
    """The mimic as it is, then what was tried against it, in the order of REMEDIES; what is not recorded is left out."""
    runs = [run for recording in recordings for run in recording.runs]
    before = _by_seed(series_of(A_MIMIC, runs))
    if not before:
        return []
    mimic = Remedy(f"as it is: hard weight {A_MIMIC.distil.hard:g}", A_MIMIC, _by_reading(before))
    return [
        mimic,
        *(
            _tried(name, spec, after, before)
            for name, spec in REMEDIES.items()
            if (after := _by_seed(series_of(spec, runs)))
        ),
    ]


def _by_seed(series: Series) -> dict[int, Readings]:
    return {run.spec.distil.seed: run.result.readings for run in series.runs if run.result and run.result.readings}


def _by_reading(seeds: Mapping[int, Readings]) -> dict[str, tuple[float, ...]]:
    return {way: tuple(read.accuracy[way] for read in seeds.values()) for way in WAYS}


def _tried(name: str, spec: Spec, after: Mapping[int, Readings], before: Mapping[int, Readings]) -> Remedy:
    both = sorted(after.keys() & before.keys())
    gained = [after[seed].accuracy["contradicts"] - before[seed].accuracy["contradicts"] for seed in both]
    return Remedy(name, spec, _by_reading(after), over_seeds(gained) if gained else None)


def remedies_table(tried: Sequence[Remedy]) -> pd.DataFrame:
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


def remedies_in_words(tried: Sequence[Remedy]) -> str:
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
