"""Runs on a real local cluster of two nodes: equal to those of this machine, also if a node dies in the middle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psutil
import pytest

from benchmarks.kills import outcome
from labcore.cluster.cluster_execute import ClusterExecute
from labcore.config.spec import Spec, SpecError
from labcore.results.events import Event, Preparing, Resumed, TrainStep
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store


def local(spec: Spec, store: Store) -> str:
    run = store.create(spec)
    list(execute_and_store(spec, run, store))
    return run


def on_cluster(execute: ClusterExecute, spec: Spec, store: Store) -> str:
    run = store.create(spec)
    list(execute(spec, run, store))
    return run


@pytest.mark.full
def test_a_run_on_the_cluster_equals_that_of_this_machine(execute: ClusterExecute, own: Spec, store: Store) -> None:
    far, near = on_cluster(execute, own, store), local(own, store)
    assert outcome(store.home, far) == outcome(store.home, near)
    assert store.checkpoint(far) is None


@pytest.mark.full
def test_a_node_that_dies_in_the_middle_costs_nothing_but_time(
    execute: ClusterExecute, own: Spec, store: Store, cluster: Any
) -> None:
    long = replace(own, distil=replace(own.distil, steps=160))
    run = store.create(long)
    events = execute(long, run, store)
    _to(events, lambda event: store.checkpoint(run) is not None and isinstance(event, TrainStep) and event.step > 20)
    [worker] = execute.pool.busy
    cluster.remove_node(_node_of(worker.process, cluster), allow_graceful=False)
    rest = list(events)
    [resumed] = [event for event in rest if isinstance(event, Resumed)]
    assert resumed.step > 0
    assert store.read(run).status == "finished"
    assert outcome(store.home, run) == outcome(store.home, local(long, store))


@pytest.mark.full
def test_stopped_within_a_step_it_resumes_here_as_if_nothing_had_happened(
    execute: ClusterExecute, own: Spec, store: Store
) -> None:
    long = replace(own, distil=replace(own.distil, steps=160))
    run = store.create(long)
    events = execute(long, run, store)
    _to(events, lambda event: isinstance(event, TrainStep) and event.step >= 10)
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 5
    assert store.read(run).status == "stopped"
    steps = [event.step for event in store.events(run) if isinstance(event, TrainStep)]
    assert 10 <= steps[-1] < 160
    assert store.checkpoint(run) is not None
    list(execute_and_store(long, store.reopen(run).id, store))
    assert [event.step for event in store.events(run) if isinstance(event, Resumed)] == [steps[-1]]
    assert outcome(store.home, run) == outcome(store.home, local(long, store))
    assert on_cluster(execute, own, store)  # the worker is there for the next


@pytest.mark.full
def test_a_chain_and_a_failure_and_targets_that_are_computed_once(
    execute: ClusterExecute, own: Spec, store: Store
) -> None:
    on_cluster(execute, own, store)
    there = sorted(file.name for file in store.targets.iterdir())
    assert len(there) == 3  # train, validation, test
    second = replace(own, distil=replace(own.distil, seed=1))
    run = store.create(second)
    assert not [event for event in execute(second, run, store) if isinstance(event, Preparing) and event.done]
    student = replace(own, assistant=own)
    far, near = on_cluster(execute, student, store), local(student, store)
    assert outcome(store.home, far) == outcome(store.home, near)
    lacks = replace(student, assistant=replace(own, distil=replace(own.distil, seed=9)))
    run = store.create(lacks)
    with pytest.raises(SpecError, match="its assistant has no finished run here"):
        list(execute(lacks, run, store))
    assert "its assistant has no finished run here" in (store.read(run).error or "")
    assert len(execute.pool._idle) == 1


def _to(events: Iterator[Event], reached: Callable[[Event], bool]) -> None:
    """Take events until one for which this holds."""
    next(event for event in events if reached(event))


def _node_of(process: int, cluster: Any) -> Any:
    """The node of a cluster that started this process."""
    above = {each.pid for each in psutil.Process(process).parents()}
    started = {info.process.pid: node for node in cluster.worker_nodes for info in node.all_processes["raylet"]}
    return next(node for pid, node in started.items() if pid in above)
