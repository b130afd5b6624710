"""The task that a teacher was trained on, if it has one here. Standard library only."""

from __future__ import annotations

from labcore.teacher.built_in import TASK_OF
from labcore.teacher.own_teachers import own_task_of


def task_of(teacher: str) -> str | None:
    """The task of a built-in teacher with weights, or of a teacher of your own; None for any other name."""
    return TASK_OF.get(teacher) or own_task_of(teacher)
