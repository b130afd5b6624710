"""Runs that end early and go on, and what a run leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from labcore.config.spec import Spec
from labcore.results.events import Event, Finished, Preparing, Resumed, Started, TrainStep
from labcore.runs.execute import execute_and_store
from labcore.runs.resuming import reopened
from labcore.runs.store import Store
from tests.shared.tiny import bytes_of


def untimed(events: Iterator[Event]) -> list[Event]:
    """What a run stored, without its id and times, and without the notes of preparing and resuming."""
    kept: list[Event] = []
    for event in events:
        if isinstance(event, TrainStep):
            kept.append(replace(event, seconds=0.0, elapsed=0.0))
        elif isinstance(event, Finished):
            kept.append(replace(event, run="", seconds=0.0, examples_per_second=0.0))
        elif isinstance(event, Started):
            kept.append(replace(event, run=""))
        elif not isinstance(event, Resumed | Preparing):
            kept.append(event)
    return kept


def outcome(run: str, store: Store) -> tuple[object, ...]:
    """All that a finished run leaves, but for times."""
    now = store.read(run)
    assert now.status == "finished", now.error
    logits = store.logits(run)
    assert logits is not None
    return untimed(store.events(run)), bytes_of(store.student(run).model), now.counts, logits.to_bytes()


def resume(run: str, store: Store) -> list[Event]:
    return [event for each, spec in reopened(run, store) for event in execute_and_store(spec, each, store)]


def cut_off_at(run: str, store: Store, home: Path) -> Store:
    """What the disk has of the run in this moment, as a kill would leave it."""
    shutil.copytree(store.home, home)
    return Store(home)


def stopped_at(step: int, spec: Spec, store: Store) -> str:
    run = store.create(spec)
    events = execute_and_store(spec, run, store)
    for event in events:
        if isinstance(event, TrainStep) and event.step == step:
            events.close()
    return run
