"""The time of a forward pass on the chosen device of this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

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
    model = placed(model)
    ids = random_ids(encoder.architecture_of(model).vocabulary, batch, tokens).to(device_of(model))
    return measure_passes(lambda: model(input_ids=ids), device_of(model), batch, tokens)


def random_ids(vocabulary: int, batch: int, tokens: int) -> Tensor:
    """Token ids (batch, tokens) of an example to be timed, the same each time."""
    return torch.randint(vocabulary, (batch, tokens), generator=torch.Generator().manual_seed(0))


def measure_passes(forward: Callable[[], object], device: torch.device, batch: int, tokens: int) -> Latency:
    """The same of any model: `forward` is one pass over `batch` examples of `tokens` tokens, on this device."""
    times: list[float] = []
    began = time.perf_counter()
    with torch.inference_mode():
        for run in range(WARM_UP + RUNS[1]):
            started = time.perf_counter()
            forward()
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
