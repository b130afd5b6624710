"""A data set of your own as a task, called `data:` and its hash."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from labcore.data.examples import Splits
from labcore.data.own.data_store import DataOutOfReach, check_rows, hash_in, load, summary, summary_or_rest
from labcore.data.spurious_cue import CUE, at_random
from labcore.data.tasks.task import Task
from labcore.system.home import default_home


def own_task(name: str) -> Task | None:
    """The task of a data set; None if the name is not one of these. Its examples are read at their first use.

    Raises DataError if the data set is not on this machine, or damaged.
    """
    data_hash = hash_in(name)
    if data_hash is None:
        return None
    home = default_home()
    with suppress(DataOutOfReach):  # a training goes on with what it has
        summary(data_hash, home)  # raises if somebody removed it
        check_rows(data_hash, home)
    return _task(data_hash, home)


@lru_cache(maxsize=4)
def _task(data_hash: str, home: Path) -> Task:
    """The hash fixes all that the task holds, so a name that changes does not matter."""
    known = summary(data_hash, home)
    text, second = known.sample

    def kept() -> Splits:
        return load(data_hash, home).splits

    cue = known.cue
    return Task(
        name=known.task,
        label_names=known.label_names,
        read=kept if cue is None else lambda: at_random(kept(), cue),
        read_clean=None if cue is None else kept,
        cue=cue or CUE,
        max_tokens=known.max_tokens,
        mean_tokens=known.mean_tokens,
        sample=text,
        pairs=known.pairs,
        sample_second=second,
    )


def own_sizes(name: str) -> Mapping[str, int] | None:
    """The examples in each split of a data set, also of a removed one; None if the name is none of these.

    Raises DataError if the data set was never on this machine, or is damaged.
    """
    data_hash = hash_in(name)
    return None if data_hash is None else summary_or_rest(data_hash).splits


def own_labels(name: str) -> tuple[str, ...] | None:
    """The label names of a data set, also of a removed one; None if the name is none of these.

    Raises DataError if the data set was never on this machine, or is damaged.
    """
    data_hash = hash_in(name)
    return None if data_hash is None else summary_or_rest(data_hash).label_names


def own_title(name: str) -> str | None:
    """The name that somebody gave the data set of a task; None if it is none of these.

    Raises DataError if the data set is not on this machine, or damaged.
    """
    data_hash = hash_in(name)
    return None if data_hash is None else summary(data_hash).name
