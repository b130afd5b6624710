"""The queue and a sweep on a real local cluster; and a cluster that is away, or Ray that is not installed."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace

import pytest

from benchmarks.kills import outcome
from labcore.__main__ import main
from labcore.cluster.cluster_choice import ClusterRuns, execution
from labcore.cluster.cluster_sweep import sweep_on_cluster
from labcore.cluster.ray_address import ADDRESS, CPUS, cluster_address, cpus_of_a_run
from labcore.cluster.worker_pool import Worker, WorkerPool
from labcore.cluster.worker_version import worker_version
from labcore.config.spec import Spec, SpecError
from labcore.evaluate.seed_groups import with_seed
from labcore.results.events import Preparing
from labcore.runs.execute import execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from tests.shared.runs import seeded, until


@pytest.mark.full
def test_a_sweep_runs_two_at_a_time_computes_targets_once_and_equals_that_of_this_machine(
    pool: WorkerPool, own: Spec, store: Store
) -> None:
    specs = [own, replace(own, distil=replace(own.distil, hard=0.0, soft=1.0)), replace(own, assistant=own)]
    cluster = ClusterRuns()
    results = list(sweep_on_cluster(specs, 2, store, cluster))
    assert len({result.run for result in results}) == 6
    runs = {run.spec: run.id for run in store.finished_runs()}
    computed = [run for run in runs.values() if any(isinstance(event, Preparing) for event in store.events(run))]
    assert len(computed) == 1 + 2  # the teacher's once, and those of each seed's assistant
    for spec in specs:
        near = store.create(with_seed(spec, 1))
        list(execute_and_store(with_seed(spec, 1), near, store))
        assert outcome(store.home, near) == outcome(store.home, runs[with_seed(spec, 1)])
    assert list(sweep_on_cluster(specs, 2, store, cluster)) == []


@pytest.mark.parametrize("given", ["10.0.0.5", "ray://10.0.0.5:10001", "auto", ":6379", "a b:1"])
def test_an_address_of_another_form_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS, given)
    with pytest.raises(SpecError, match="give the head's host and port such as"):
        cluster_address()


@pytest.mark.parametrize("given", ["0", "two", "-1", "1.5", "257"])
def test_a_number_of_cores_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CPUS, given)
    with pytest.raises(SpecError, match=CPUS):
        cpus_of_a_run()


def test_a_cluster_that_is_away_is_one_line_within_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv(ADDRESS, f"127.0.0.1:{_free_port()}")
    assert main(["sweep", "capacity", "--seeds", "1"]) == 2
    [line] = capsys.readouterr().err.strip().split("\n")
    assert "can't be reached" in line
    assert "ray start --head" in line
    with pytest.raises(SpecError, match="can't be reached"):
        execution()
    cluster = ClusterRuns()
    assert "New runs fail until the cluster is back" in cluster.words(1)
    jobs = Jobs(Store(), cluster, load=lambda: None, slots=cluster.slots)
    run = jobs.submit(seeded(0))
    until(lambda: not jobs.busy())
    assert jobs.store.read(run).status == "failed"
    assert "can't be reached" in (jobs.store.read(run).error or "")


def test_a_worker_of_another_version_is_refused_by_its_host() -> None:
    pool, worker = WorkerPool("127.0.0.1:6379"), Worker(None)
    pool._check(worker, (worker_version(), "far", 7))
    assert (worker.host, worker.process) == ("far", 7)
    with pytest.raises(SpecError, match="the worker on far has another version of the lab"):
        pool._check(worker, (f"{worker_version()} and more", "far", 7))


def test_without_ray_a_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not there
    monkeypatch.setenv(ADDRESS, "127.0.0.1:6379")
    assert main(["sweep", "capacity", "--seeds", "1"]) == 2
    [line] = capsys.readouterr().err.strip().split("\n")
    assert "pip install -r requirements-cluster.txt" in line


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
