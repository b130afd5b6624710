"""Freed memory goes back to the system at intervals: what a job freed is not kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import torch

from labcore.config.spec import Spec
from labcore.results.events import Event, Preparing
from labcore.runs.freed_memory import INTERVAL, FreedMemory
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.system.host import give_back_memory, own_bytes
from tests.shared.runs import until


def test_it_is_given_back_once_in_an_interval() -> None:
    at, times = [0.0], []
    freed = FreedMemory(lambda: at[0], lambda: times.append(at[0]))
    for tenths in range(0, int(30 * INTERVAL), 2):
        at[0] = tenths / 10
        freed.give_back_if_due()
    assert times == [INTERVAL, 2 * INTERVAL]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' allocators decide by themselves")
def test_a_job_leaves_no_freed_tensors(store: Store, spec: Spec) -> None:
    """Tensors of half a megabyte below one that stays: an allocator does not give them back by itself."""
    give_back_memory()
    before, kept = own_bytes(), []

    def execute(_: Spec, run_id: str, store: Store) -> Iterator[Event]:
        tensors = [torch.ones(120_000) for _ in range(400)]
        kept.append(tensors[-1])  # the last stays, so the others are no end of the heap
        yield Preparing(1, 1, 0.1)
        store.update(run_id, "stopped")

    jobs = Jobs(store, execute=execute)
    run = jobs.submit(spec)
    until(lambda: store.read(run).status == "stopped" and not jobs.busy())
    until(lambda: own_bytes() - before < 60e6)
