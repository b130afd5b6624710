"""A training that runs out of memory: its run fails with a sentence, and the next one has the memory and goes on."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from labcore.config.spec import Spec
from labcore.distil.optimiser import Optimiser
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from tests.shared.runs import until

TOO_MUCH = {"torch": lambda: torch.empty(10**16), "python": lambda: bytearray(2**62)}  # real errors of the allocators


@pytest.mark.parametrize("allocate", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_job_without_memory_fails_and_the_next_one_goes_on(
    allocate: Callable[[], object], spec: Spec, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, trained = Optimiser.step, []

    def stepping(self: Optimiser, factor: float) -> None:
        trained.append(weakref.ref(self.dense[0]))
        step(self, factor)
        if len(trained) == 2:
            allocate()

    monkeypatch.setattr(Optimiser, "step", stepping)
    jobs = Jobs(store)
    first, second = (jobs.submit(replace(spec, distil=replace(spec.distil, seed=seed))) for seed in (0, 1))
    until(lambda: not jobs.busy())
    assert store.read(first).status == "failed"
    assert str(store.read(first).error).startswith("The computer has run out of memory. Close other programs")
    assert "Traceback" not in str(store.read(first).error)
    assert store.read(second).status == "finished"
    gc.collect()
    assert trained[0]() is None  # the student that failed is gone
    jobs.close()
