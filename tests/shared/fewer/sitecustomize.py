"""The lab with fewer examples of each task, for a process that has this folder on its path.

LAB_FEWER_TRAIN and LAB_FEWER_OTHERS: the most examples of the training split, and of the other splits.
"""

import os
from dataclasses import replace

import labcore.data.tasks as tasks
from labcore.data.examples import Splits

TRAIN, OTHERS = int(os.environ.get("LAB_FEWER_TRAIN", "96")), int(os.environ.get("LAB_FEWER_OTHERS", "120"))


def fewer(task: tasks.Task) -> tasks.Task:
    """The task with some examples of each split, evenly spread, and without its clean splits."""

    def read() -> Splits:
        return {split: of.spread(TRAIN if split == "train" else OTHERS) for split, of in task.splits.items()}

    return replace(task, read=read, read_clean=None)


tasks.TASKS = tuple(map(fewer, tasks.TASKS))
