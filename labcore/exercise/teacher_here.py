"""Whether an attempt's teacher is on this machine. A teacher of your own is on the machines that made or brought it."""

from __future__ import annotations

from labcore.config.spec import SpecError
from labcore.data.tasks import load_task
from labcore.exercise.attempt import Attempt
from labcore.teacher.own_teachers import is_own, ready_entry


def teacher_problem(attempt: Attempt) -> str:
    """Why the attempt's students can't be derived and trained here; empty if its teacher and their data are here."""
    if not is_own(attempt.teacher):
        return ""
    try:
        load_task(ready_entry(attempt.teacher).task)
    except SpecError as error:
        return str(error)
    return ""
