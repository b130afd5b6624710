"""Runs that ended early and go on: from their checkpoints, or from the start if they have none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from labcore.config.checks import SpecError, check_choice
from labcore.config.spec import Spec
from labcore.distil.checkpoint_header import about_checkpoint
from labcore.results.events import Resumed
from labcore.results.run import Run
from labcore.runs.assistants import chain_to_run
from labcore.runs.store import Store

VARIABLE = "LAB_RESUME"
MOST_ATTEMPTS = 3  # from one checkpoint by itself: a run that ends its process each time must not do so for ever


def resumes_by_itself() -> bool:
    """Whether the host lets interrupted runs resume when the lab starts: LAB_RESUME=auto.

    Raises SpecError for a value that is neither `auto` nor `ask`.
    """
    chosen = os.environ.get(VARIABLE) or "ask"
    check_choice(VARIABLE, chosen, ("ask", "auto"))
    return chosen == "auto"


def checkpoint_step(run: Run, store: Store) -> int | None:
    """The step that a run which ended early can go on from; None if it has no checkpoint, or has not ended early."""
    if run.active or run.status == "finished":
        return None
    about = _about(store.checkpoint(run.id))
    return None if about is None else int(about["step"])


def reopened(run_id: str, store: Store) -> list[tuple[str, Spec]]:
    """Queue a run that ended early once more, and first the assistants that it lacks: ids and specs, in order.

    An assistant of the same owner that ended early goes on, too. Nothing is queued if something is refused.
    Raises RunNotFound, SpecError if the run can't go on, and OSError.
    """
    run = store.read(run_id)
    _check(run, store)
    queued: list[tuple[str, Spec]] = []
    for spec in chain_to_run(run.spec, store)[:-1]:
        same = (each for each in store.runs() if each.spec == spec and each.owner == run.owner)
        early = next((each for each in same if checkpoint_step(each, store)), None)
        queued.append((store.create(spec, run.owner) if early is None else store.reopen(early.id).id, spec))
    return [*queued, (store.reopen(run_id).id, run.spec)]


def interrupted_runs(store: Store) -> list[Run]:
    """The runs that were cut off and may resume by themselves, the oldest first."""
    runs = [run for run in store.runs() if run.status == "interrupted"]
    return [run for run in reversed(runs) if attempts(run.id, store) < MOST_ATTEMPTS]


def attempts(run_id: str, store: Store) -> int:
    """How often the run has resumed from the checkpoint that it has now, without reaching another one."""
    about = _about(store.checkpoint(run_id))
    later = next(store.events(run_id, since=0 if about is None else about["events"]), None)
    return later.attempt if isinstance(later, Resumed) else 0


def _check(run: Run, store: Store) -> None:
    if run.active:
        raise SpecError(f"run {run.id} is queued or running already")
    if run.status == "finished":
        raise SpecError(f"run {run.id} has finished, so there is nothing to resume")
    from labcore.runs.run_checkpoint import checkpoint_of, origin_of  # imports torch

    if store.checkpoint(run.id) is not None:
        checkpoint_of(run.id, store, origin_of(run.spec, store))  # raises if it can't resume


def _about(path: Path | None) -> dict[str, Any] | None:
    return None if path is None else about_checkpoint(path)
