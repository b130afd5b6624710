"""The time of a forward pass on the chosen device of this machine."""

from __future__ import annotations

import statistics
import time

import torch

from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.placement import device_of, placed
from labcore.results.measurements import Latency
from labcore.system import processor

WARM_UP = 3  # passes that are not counted
RUNS = (20, 200)  # at least and at most
SECONDS = (2.0, 60.0)  # after which no more passes begin: once there are enough, and in any case


def measure(model: Classifier, batch: int, tokens: int) -> Latency:
    """Median and 95th percentile of passes in fp32, with all of torch's threads. `model` is in evaluation mode."""
    vocabulary = encoder.architecture_of(model).vocabulary
    model = placed(model)
    device = device_of(model)
    ids = torch.randint(vocabulary, (batch, tokens), generator=torch.Generator().manual_seed(0)).to(device)
    times: list[float] = []
    began = time.perf_counter()
    with torch.inference_mode():
        for run in range(WARM_UP + RUNS[1]):
            started = time.perf_counter()
            model(input_ids=ids)
            processor.wait_for(device)
            if run < WARM_UP:
                began = time.perf_counter()
                continue
            times.append(1000 * (time.perf_counter() - started))
            spent = time.perf_counter() - began
            if spent > SECONDS[1] or (len(times) >= RUNS[0] and spent > SECONDS[0]):
                break
    times.sort()
    return Latency(
        batch=batch,
        tokens=tokens,
        threads=torch.get_num_threads(),
        runs=len(times),
        median_ms=statistics.median(times),
        p95_ms=times[round(0.95 * (len(times) - 1))],
        device=processor.name_of(device),
    )
