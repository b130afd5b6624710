"""What the monitor says of recorded runs: each asked about the cue, as a person would on the Judge page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labcore.data.spurious_cue import WORD
from labcore.evaluate.baselines import without_teacher
from labcore.results.evaluation import ShortcutTest
from labcore.results.run import Run
from labcore.runs.assistants import finished_run
from labcore.runs.shortcut_test import suspect
from labcore.runs.store import Store
from labcore.system.progress import finish


def suspicions(runs: Sequence[Run], store: Store) -> Iterator[tuple[str, ShortcutTest]]:
    """Each run's id with the monitor's verdict on the cue; the same student without its teacher is asked, too, where it is there."""
    for run in runs:
        spec = without_teacher(run.spec)
        alone = spec and finished_run(spec, store)
        beside = store.student_folder(alone.id) if alone else None
        yield run.id, finish(suspect(run.spec, store.student_folder(run.id), WORD, beside))
