"""What the monitor says of recorded runs: each asked about the cue, as a person would on the Judge page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labcore.data.cue import WORD
from labcore.judgement import Suspicion
from labcore.progress import finish
from labcore.record import Run
from labcore.runs.baselines import baseline, is_baseline
from labcore.runs.chain import found
from labcore.runs.store import Store
from labcore.runs.suspect import suspect


def suspicions(runs: Sequence[Run], store: Store) -> Iterator[tuple[str, Suspicion]]:
    """Each run's id with the monitor's verdict on the cue; the same student without its teacher is asked, too, where it is there."""
    for run in runs:
        alone = None if is_baseline(run.spec) else found(baseline(run.spec, "no teacher"), store)
        beside = None if alone is None else store.student_folder(alone.id)
        yield run.id, finish(suspect(run.spec, store.student_folder(run.id), WORD, beside))
