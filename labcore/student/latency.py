"""How long a forward pass really takes here. Shapes decide, not values: zeros are multiplied like any number."""

from __future__ import annotations

import statistics
import time

import torch

from labcore.measures import Latency
from labcore.student.structure import build
from labcore.teacher.architecture import Structure

WARM_UP = 3  # passes that are not counted
RUNS = (20, 200)  # at least and at most
SECONDS = 2.0  # after which no more are begun, once there are enough


def measure(structure: Structure, batch: int, tokens: int) -> Latency:
    """Median and 95th percentile of passes of a BERT of these shapes, in fp32, with as many threads as torch has."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = build(structure).eval()
        pieces = torch.randint(structure.architecture.vocabulary, (batch, tokens))
    times: list[float] = []
    began = time.perf_counter()
    with torch.inference_mode():
        for run in range(WARM_UP + RUNS[1]):
            started = time.perf_counter()
            model(input_ids=pieces)
            if run < WARM_UP:
                began = time.perf_counter()
                continue
            times.append(1000 * (time.perf_counter() - started))
            if len(times) >= RUNS[0] and time.perf_counter() - began > SECONDS:
                break
    times.sort()
    return Latency(
        batch,
        tokens,
        torch.get_num_threads(),
        len(times),
        statistics.median(times),
        times[round(0.95 * (len(times) - 1))],
    )
