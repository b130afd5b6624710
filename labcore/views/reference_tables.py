"""A recording as tables: what `python -m labcore sweep NAME --recorded` prints, and README and docs quote."""

from __future__ import annotations

import pandas as pd

from labcore.evaluate.reference import ReferenceResults, recorded
from labcore.views.capacity.assistant_table import assistant_comparisons, assistant_table
from labcore.views.capacity.capacity_chart import capacities, capacity_table
from labcore.views.evaluate.seed_table import sweep_table
from labcore.views.mimicry.mimicry_chart import hard_weight_groups, hard_weight_table
from labcore.views.mimicry.mitigation_table import mitigations, mitigations_table
from labcore.views.mimicry.monitor_table import score, score_table


def tables(recording: ReferenceResults) -> list[pd.DataFrame]:
    """The tables of a recording, each lesson's in its own way."""
    match recording.name:
        case "capacity":
            return [capacity_table(capacities(recording))]
        case "assistant":
            return [assistant_table(assistant_comparisons(recording))]
        case "mimicry":
            cued = dict.fromkeys(run.spec.teacher for run in recording.runs if run.spec.task == "cued")
            return [
                *(
                    hard_weight_table(hard_weight_groups(recording, teacher)).assign(teacher=teacher)
                    for teacher in cued
                ),
                score_table(score(recording)),
            ]
        case "monitor":
            mimicry = recorded("mimicry")
            return [
                mitigations_table(mitigations([recording] if mimicry is None else [mimicry, recording])),
                score_table(score(recording)),
            ]
    return [sweep_table(recording.runs)]
