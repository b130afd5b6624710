"""The runs of an assignment: those that keep all that it has fixed."""

from __future__ import annotations

from collections.abc import Iterable

from labcore.config.assignment import Assignment
from labcore.results.run import Run


def runs_of(assignment: Assignment, runs: Iterable[Run]) -> list[Run]:
    """The runs whose spec the assignment allows, in their order.

    A link stores nothing on the server, so a run that somebody made without it is among them if it fits. An assignment
    that fixes nothing has every run of its teacher and task.
    """
    wanted = assignment.spec.teacher, assignment.spec.task
    return [
        run for run in runs if (run.spec.teacher, run.spec.task) == wanted and not assignment.changed_controls(run.spec)
    ]
