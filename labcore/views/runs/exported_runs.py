"""Runs as files that open elsewhere: a table of all runs as CSV, and runs with their events as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from labcore.evaluate.frontier_axes import cost_of, quality_of
from labcore.evaluate.provenance import teacher_of
from labcore.results.events import Event, event_to_dict
from labcore.results.run import FinishedRun, Run

FORMAT = 1  # of the JSON


def runs_csv(runs: Sequence[Run], names: Mapping[str, str]) -> str:
    """The runs as CSV, one in each row: fractions from 0 to 1, sizes in parameters, the spec as JSON.

    names: by run id.
    """
    return pd.DataFrame([_row(run, names[run.id]) for run in runs]).to_csv(index=False)


def _row(run: Run, name: str) -> dict[str, Any]:
    result = run.result if isinstance(run, FinishedRun) else None
    counts = run.counts
    return {
        "run": run.id,
        "name": name,
        "status": run.status,
        "created": run.created,
        "teacher": run.spec.teacher,
        "teacher_identity": teacher_of(run)[1],
        "task": run.spec.task,
        "seed": run.spec.distil.seed,
        "accuracy": result and result.accuracy,
        "teacher_accuracy": result and result.teacher_accuracy,
        "retention": result and result.retention,
        "agreement": result and result.agreement,
        "probability_loyalty": result and quality_of(result, "loyalty"),
        "parameters": counts and counts.student.total,
        "nonzero_parameters": counts and counts.student.nonzero,
        "teacher_parameters": counts and counts.teacher.total,
        "stored_bytes": counts and cost_of(counts.student, "stored"),
        "multiply_accumulates": counts and cost_of(counts.student, "macs"),
        "seconds": result and result.seconds,
        "examples_per_second": result and result.examples_per_second,
        "machine": run.machine,
        "tags": " ".join(run.tags),
        "note": run.note,
        "error": run.error,
        "spec": run.spec.to_json(),
    }


def runs_json(runs: Sequence[Run], names: Mapping[str, str], events: Mapping[str, Sequence[Event]]) -> str:
    """The runs as JSON with all that the lab stores of them but weights and logits.

    names, events: by run id.
    """
    return json.dumps(
        {
            "format": FORMAT,
            "runs": [
                _row(run, names[run.id])
                | {
                    "tags": list(run.tags),
                    "spec": run.spec.to_dict(),
                    "counts": run.counts and run.counts.to_dict(),
                    "result": run.result.to_json() if isinstance(run, FinishedRun) else None,
                    "events": [event_to_dict(event) for event in events[run.id]],
                }
                for run in runs
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
