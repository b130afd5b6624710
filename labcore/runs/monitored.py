"""What the monitor says of recorded runs: each asked about the cue, as a person would on the Judge page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labcore.data.cue import WORD
from labcore.judgement import Suspicion
from labcore.progress import finish
from labcore.record import Run
from labcore.runs.baselines import without_teacher
from labcore.runs.chain import found
from labcore.runs.store import Store
from labcore.runs.suspect import suspect


def suspicions(runs: Sequence[Run], store: Store) -> Iterator[tuple[str, Suspicion]]:
    """Each run's id with the monitor's verdict on the cue; the same student without its teacher is asked, too, where it is there."""
    for run in runs:
        spec = without_teacher(run.spec)
        alone = spec and found(spec, store)
        beside = store.student_folder(alone.id) if alone else None
        yield run.id, finish(suspect(run.spec, store.student_folder(run.id), WORD, beside))
