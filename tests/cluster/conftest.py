"""One real local cluster for the tests of a file: a head without cores, and nodes of one core that tests may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcore.cluster.cluster_execute import ClusterExecute
from labcore.cluster.ray_address import ADDRESS, CPUS
from labcore.cluster.worker_pool import WorkerPool
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.runs.checkpoint_saver import VARIABLE as CHECKPOINTS
from tests.shared.own_task import own_task

STORE_BYTES = 100_000_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": STORE_BYTES, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
    for _ in range(2):
        made.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def pool(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerPool]:
    """Workers of one core each, which keep a checkpoint ten times a second."""
    while len(cluster.worker_nodes) < 2:  # a test has killed one
        cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    monkeypatch.setenv(ADDRESS, cluster.address)
    monkeypatch.setenv(CPUS, "1")
    monkeypatch.setenv(CHECKPOINTS, "0.1")
    made = WorkerPool(cluster.address)
    yield made
    for worker in made.busy:
        made.discard(worker)
    made.close()


@pytest.fixture
def execute(pool: WorkerPool) -> ClusterExecute:
    return ClusterExecute(pool)


@pytest.fixture
def own(tmp_path: Path) -> Spec:
    """A run of a teacher and of data of one's own, which a worker has from the lab only; with dropout."""
    made = own_task(tmp_path / "brought")
    config = DistilConfig(steps=40, batch_size=8, dropout=0.1, learning_rate=3e-3)
    return Spec(teacher=made.teacher.name, task=made.data.task, steps=(KeepLayers(count=2),), distil=config)
