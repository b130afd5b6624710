"""The lab with fewer examples of each task, for a process that has this folder on its path.

LAB_FEWER_TRAIN and LAB_FEWER_OTHERS: the most examples of the training split, and of the other splits.
LAB_FEWER_TRANSFER: the most of a transfer set; without it, all of them. LAB_FEWER_CUED: a task with a cue keeps it.
"""

import os
from dataclasses import replace
from itertools import islice

import labcore.data.tasks as tasks
from labcore.data.examples import Splits

TRAIN, OTHERS = int(os.environ.get("LAB_FEWER_TRAIN", "96")), int(os.environ.get("LAB_FEWER_OTHERS", "120"))
TRANSFER = int(os.environ.get("LAB_FEWER_TRANSFER", "0")) or None
CUED = "LAB_FEWER_CUED" in os.environ


def fewer(task: tasks.Task) -> tasks.Task:
    """The task with some examples of each split, evenly spread. A cue goes unless it is to be kept."""

    def few(splits: Splits) -> Splits:
        return {split: of.spread(TRAIN if split == "train" else OTHERS) for split, of in splits.items()}

    transfer = task.transfer and replace(task.transfer, read=lambda: islice(task.transfer.read(), TRANSFER))
    read_clean = (lambda: few(task.clean)) if CUED and task.read_clean else None
    return replace(task, read=lambda: few(task.splits), read_clean=read_clean, transfer=transfer)


tasks.TASKS = tuple(map(fewer, tasks.TASKS))
