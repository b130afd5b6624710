"""The tasks, and the built-in teachers that were fine-tuned on them. Standard library only.

`TASKS` is the lab's only list of tasks. A new task is a file here and a line in that list. Read the list as
`tasks.TASKS` each time that you need it, because a test may add a task.
"""

from __future__ import annotations

from labcore.config.spec import SpecError
from labcore.data.tasks.cued_reviews import CUED
from labcore.data.tasks.film_reviews import REVIEWS
from labcore.data.tasks.news import NEWS
from labcore.data.tasks.task import CardText, Task, TransferSet
from labcore.finetune.recipe import Recipe

__all__ = ["TASKS", "CardText", "Task", "TransferSet", "load_task", "recipes", "transfer_set_of"]

TASKS: tuple[Task, ...] = (REVIEWS, NEWS, CUED)


def load_task(name: str) -> Task:
    """The task called `name`; it reads its examples at their first use. Raises SpecError if there is no such task."""
    for task in TASKS:
        if task.name == name:
            return task
    raise SpecError(f"task {name!r} is unknown; the lab has: {', '.join(task.name for task in TASKS)}")


def transfer_set_of(name: str) -> TransferSet | None:
    """The transfer set of the task called `name`; None if it has none, or if there is no such task."""
    return next((task.transfer for task in TASKS if task.name == name), None)


def recipes() -> dict[str, tuple[Task, Recipe]]:
    """The task and the recipe of each built-in teacher with weights, by the teacher's name."""
    return {recipe.teacher: (task, recipe) for task in TASKS for recipe in task.teachers}
