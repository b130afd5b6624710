"""Attempts at the exercise at several stages, and the page of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest

from labcore.config.steps import KeepLayers, Manual, TrimVocabulary
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.exercise.attempt_store import save_attempt
from labcore.exercise.counting_drawn import right_drawn_counts
from labcore.exercise.counting_line import CountingLine, designs_digest
from labcore.exercise.own_counts import right_totals, with_line
from labcore.exercise.signature import mark_of
from labcore.exercise.student_comparisons import compare_students
from labcore.runs.store import Store
from tests.shared.pages import APP, PATIENCE
from tests.shared.runs import finished

EARLY, LATE = "2026-01-02T10:00:00+00:00", "2026-01-02T11:00:00+00:00"


THREE = (
    (KeepLayers(count=3),),
    (TrimVocabulary(size=8000), KeepLayers(count=3)),
    (Manual(hidden=192, layers=3, heads=6, intermediate=768),),
)


def designed(**changes: Any) -> Attempt:
    """An attempt with three students and these changes."""
    return replace(Attempt(new_id(), slots=tuple(Slot(steps) for steps in THREE)), **changes)


def opened(attempt: Attempt) -> AppTest:
    """The page of an attempt that was begun before."""
    save_attempt(attempt, Store())
    return app_with(attempt.id)


def app_with(attempt: str) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["attempt"] = attempt
    test.run()
    return test.switch_page("pages/exercise.py").run()


def counted() -> Attempt:
    """An attempt with right counts, which waits for the prediction."""
    attempt = Attempt(new_id(), slots=tuple(map(Slot, THREE)))
    return with_line(attempt, right_line(attempt))


def right_line(attempt: Attempt) -> CountingLine:
    """The line of a right function."""
    right, mark = right_totals(compare_students(attempt)), mark_of(attempt.id)
    assert right is not None
    return CountingLine(mark, designs_digest(attempt), right, right_drawn_counts(mark))


def ran(accuracies: tuple[float, float, float] = (0.82, 0.82, 0.6)) -> Attempt:
    """An attempt whose runs have finished."""
    attempt = counted().with_prediction(0).begin()
    for spec, accuracy in zip(attempt.specs, accuracies, strict=True):
        finished(spec, accuracy)
    return attempt
