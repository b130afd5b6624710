"""The monitor's verdicts on reference runs: each is tested for the cue, as a person would on the Evaluate page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labcore.data.spurious_cue import WORD
from labcore.evaluate.baselines import without_teacher
from labcore.results.evaluation import ShortcutTest
from labcore.results.run import Run
from labcore.runs.shortcut_test import shortcut_test_of
from labcore.runs.store import Store
from labcore.system.progress import finish


def cue_tests(runs: Sequence[Run], store: Store) -> Iterator[tuple[str, ShortcutTest]]:
    """Each run's id with its shortcut test for the cue, which includes the no-teacher baseline if it was run."""
    for run in runs:
        spec = without_teacher(run.spec)
        no_teacher = None if spec is None else store.find(spec)
        yield run.id, finish(shortcut_test_of(run, WORD, store, no_teacher))
