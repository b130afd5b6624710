"""Reference results as tables: what `python -m labcore sweep NAME --recorded` prints, and README and docs quote."""

from __future__ import annotations

import pandas as pd

from labcore.evaluate.assistant_gain import assistant_comparisons
from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.mitigation_gain import mitigations
from labcore.evaluate.monitor_errors import monitor_errors_in
from labcore.evaluate.reference import ReferenceResults, reference_results
from labcore.views.capacity.assistant_table import assistant_table
from labcore.views.capacity.capacity_words import capacity_table
from labcore.views.evaluate.seed_table import sweep_table
from labcore.views.mimicry.mimicry_words import hard_weight_table
from labcore.views.mimicry.mitigation_table import mitigations_table
from labcore.views.mimicry.monitor_table import score_table


def tables(reference: ReferenceResults) -> list[pd.DataFrame]:
    """The tables of reference results, each sweep's in its own way."""
    match reference.name:
        case "capacity":
            return [capacity_table(size_results(reference.runs))]
        case "assistant":
            return [assistant_table(assistant_comparisons(reference))]
        case "mimicry":
            return [*_hard_weight_tables(reference), score_table(monitor_errors_in(reference))]
        case "monitor":
            mimicry = reference_results("mimicry")
            compared = mitigations([reference] if mimicry is None else [mimicry, reference])
            return [mitigations_table(compared), score_table(monitor_errors_in(reference))]
    return [sweep_table(reference.runs)]


def _hard_weight_tables(reference: ReferenceResults) -> list[pd.DataFrame]:
    """A table for each teacher that learned the cue."""
    teachers = dict.fromkeys(run.spec.teacher for run in reference.runs if run.spec.task == "cued")
    return [hard_weight_table(hard_weight_groups(reference, name)).assign(teacher=name) for name in teachers]
