"""A recording as tables: what `python -m labcore sweep NAME --recorded` prints, and README and docs quote."""

from __future__ import annotations

import pandas as pd

from labcore.runs.recorded import Recording, recorded
from labcore.views.assistant import detours, detours_table
from labcore.views.capacity import capacities, capacity_table
from labcore.views.mimicry import doses, doses_table
from labcore.views.monitored import score, score_table
from labcore.views.remedies import remedies, remedies_table
from labcore.views.series import sweep_table


def tables(recording: Recording) -> list[pd.DataFrame]:
    """The tables of a recording, each lesson's in its own way."""
    match recording.name:
        case "capacity":
            return [capacity_table(capacities(recording))]
        case "assistant":
            return [detours_table(detours(recording))]
        case "mimicry":
            cued = dict.fromkeys(run.spec.teacher for run in recording.runs if run.spec.task == "cued")
            return [
                *(doses_table(doses(recording, teacher)).assign(teacher=teacher) for teacher in cued),
                score_table(score(recording)),
            ]
        case "monitor":
            mimicry = recorded("mimicry")
            return [
                remedies_table(remedies([recording] if mimicry is None else [mimicry, recording])),
                score_table(score(recording)),
            ]
    return [sweep_table(recording.runs)]
