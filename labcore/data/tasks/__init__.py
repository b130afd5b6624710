"""The tasks, and the built-in teachers that were fine-tuned on them. Standard library only.

`TASKS` is the lab's only list of its own tasks. A new task is a file here and a line in that list. Read the list as
`tasks.TASKS` each time that you need it, because a test may add a task. A data set of your own is a task, too: its
name is `data:` and its hash.
"""

from __future__ import annotations

from collections.abc import Mapping

from labcore.config.spec import SpecError
from labcore.data.tasks.cued_reviews import CUED
from labcore.data.tasks.film_reviews import REVIEWS
from labcore.data.tasks.news import NEWS
from labcore.data.tasks.own_data import own_labels, own_sizes, own_task, own_title
from labcore.data.tasks.task import CardText, Task, TransferSet
from labcore.finetune.recipe import Recipe

__all__ = [
    "TASKS", "CardText", "Task", "TransferSet", "label_names", "load_task", "recipes", "split_sizes", "task_is_here",
    "task_title", "task_was_here", "transfer_set_of",
]  # fmt: skip

TASKS: tuple[Task, ...] = (REVIEWS, NEWS, CUED)


def load_task(name: str) -> Task:
    """The task called `name`; it reads its examples at their first use.

    Raises SpecError if there is no such task, or if it is a data set that is not on this machine.
    """
    for task in TASKS:
        if task.name == name:
            return task
    if (task_of_data := own_task(name)) is not None:
        return task_of_data
    raise SpecError(f"task {name!r} is unknown; the lab has: {', '.join(task.name for task in TASKS)}")


def task_is_here(name: str) -> bool:
    """Whether the lab has this task: a data set of your own may have been removed, or be on another machine."""
    try:
        load_task(name)
    except SpecError:
        return False
    return True


def task_was_here(name: str) -> bool:
    """Whether the sizes and label names of a task are known: it is here, or it was removed from this machine."""
    try:
        split_sizes(name)
    except SpecError:
        return False
    return True


def split_sizes(name: str) -> Mapping[str, int]:
    """The number of examples in each split of a task; also of a data set that was removed, for its runs are still here.

    Raises SpecError if there is no such task.
    """
    return own_sizes(name) or {split: len(examples) for split, examples in load_task(name).splits.items()}


def label_names(name: str) -> tuple[str, ...]:
    """The label names of a task; also of a data set that was removed. Raises SpecError if there is no such task."""
    return own_labels(name) or load_task(name).label_names


def task_title(name: str) -> str:
    """The name of a task for people: that of the data set, or the task's own; also of a task that is not here."""
    try:
        return own_title(name) or name
    except SpecError:
        return name


def transfer_set_of(name: str) -> TransferSet | None:
    """The transfer set of the task called `name`; None if it has none, or if there is no such task here.

    A data set of your own has none.
    """
    return next((task.transfer for task in TASKS if task.name == name), None)


def recipes() -> dict[str, tuple[Task, Recipe]]:
    """The task and the recipe of each built-in teacher with weights, by the teacher's name."""
    return {recipe.teacher: (task, recipe) for task in TASKS for recipe in task.teachers}
