"""A sweep on a real local Ray cluster with 1, 2 and 4 workers, and the same runs without a cluster.

    python -m benchmarks.cluster [--runs 24] [--workers 1 2 4]

Each worker is a node of its own with one core, and its processes are pinned to that core. A machine with fewer cores
than workers shares them, and the table states it. The runs are short but real: the lab's teacher and its reviews, and
small students with different seeds. Before the time is taken, each worker trains one run: it loads torch, and the
teacher's targets are computed. That time is printed beside.

Efficiency: the seconds with 1 worker, divided by the workers and by their seconds. Overhead: a run on one worker
against the same run in a process on one core.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from labcore.cluster.cluster_choice import ClusterRuns
from labcore.cluster.cluster_sweep import sweep_on_cluster
from labcore.cluster.ray_address import ADDRESS, CPUS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Manual, TrimVocabulary
from labcore.evaluate.seed_groups import with_seed
from labcore.runs.store import Store

STUDENT = (TrimVocabulary(size=2000), Manual(hidden=96, layers=2, heads=4, intermediate=192, init="teacher"))
SPEC = Spec(steps=STUDENT, distil=DistilConfig(steps=150, batch_size=16))
WARM = replace(SPEC, distil=replace(SPEC.distil, steps=20))  # what is trained before the time is taken
STORE_BYTES = 300_000_000


def on_cluster(workers: int, runs: int, home: Path) -> tuple[float, float]:
    """The seconds of the first runs, one for each worker, and those of the sweep after them."""
    import ray
    from ray.cluster_utils import Cluster

    cores = sorted(os.sched_getaffinity(0))
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "object_store_memory": STORE_BYTES, "include_dashboard": False},
    )
    try:
        for n in range(workers):
            node = cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
            pin(node, cores[n % len(cores)])
        os.environ |= {ADDRESS: cluster.address, CPUS: "1", "LAB_HOME": f"{home}"}
        store, chosen = Store(home), ClusterRuns()
        return took(WARM, workers, store, chosen), took(SPEC, runs, store, chosen)
    finally:
        ray.shutdown()
        cluster.shutdown()


def took(spec: Spec, seeds: int, store: Store, cluster: ClusterRuns) -> float:
    """The seconds of a sweep of this spec."""
    began = time.perf_counter()
    results = list(sweep_on_cluster([spec], seeds, store, cluster, keep=True))
    assert len(results) == seeds
    return time.perf_counter() - began


def pin(node: Any, core: int) -> None:
    """Let all processes of a node, and those that they start, run on one core."""
    for info in node.all_processes["raylet"]:
        raylet = psutil.Process(info.process.pid)
        for process in (raylet, *raylet.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.cpu_affinity([core])


def without_cluster(runs: int, home: str, results: Any) -> None:
    """Put into `results` the seconds of one run after another in this process, on one core, after a first run."""
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    os.environ |= {"LAB_HOME": home, "OMP_NUM_THREADS": "1"}
    os.environ.pop(ADDRESS, None)
    import torch

    from labcore.runs.execute import execute_and_store

    torch.set_num_threads(1)
    store, seconds = Store(Path(home)), []
    for spec in (WARM, *(with_seed(SPEC, seed) for seed in range(runs))):
        began = time.perf_counter()
        for _ in execute_and_store(spec, store.create(spec), store):
            pass
        seconds.append(time.perf_counter() - began)
    results.put(seconds)


def local(runs: int, home: Path) -> list[float]:
    """The seconds of each run in a fresh process without a cluster; the first also loads and computes targets."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=without_cluster, args=(runs, f"{home}", results))
    process.start()
    seconds: list[float] = results.get(timeout=3600)
    process.join()
    return seconds


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=24)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        by_itself = local(options.runs, Path(folder) / "local")
        print(f"without a cluster, one core: {sum(by_itself[1:]):.1f} s for {options.runs} runs", flush=True)
        print(f"{'workers':>8} {'first runs':>11} {'sweep':>8} {'a run':>7} {'speed-up':>9} {'efficiency':>11}")
        base = 0.0
        for workers in options.workers:
            first, seconds = on_cluster(workers, options.runs, Path(folder) / f"{workers}")
            base = base or seconds * options.workers[0]
            note = f"  ({cores} cores: shared)" if workers > cores else ""
            print(
                f"{workers:8d} {first:9.1f} s {seconds:6.1f} s {seconds / options.runs:5.2f} s {base / seconds:9.2f} "
                f"{base / seconds / workers:11.0%}{note}",
                flush=True,
            )
            if workers == 1:
                print(f"overhead of the cluster for a run: {seconds / sum(by_itself[1:]) - 1:.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
