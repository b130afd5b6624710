"""How long torchinfo takes to count a BERT: the model is built with its weights, then run once.

    python -m benchmarks.peers.summary

In an environment of its own, see requirements.txt beside this file. Its `total_mult_adds` is no oracle: it counts a
matrix once for each example, not for each token, and the embeddings as if they were matrices.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import torch
import torchinfo

from labcore.models.classifier import build, initialise_randomly
from labcore.teacher.built_in import BUILT_IN


class Summary(NamedTuple):
    """Seconds to build the model on the processor, seconds of torchinfo's summary, and the parameters that it found."""

    build: float
    summary: float
    parameters: int


def torchinfo_seconds(architecture_name: str, tokens: int = 128) -> Summary:
    """Build the model with random weights and let torchinfo summarise it over one example."""
    started = time.perf_counter()
    model = initialise_randomly(build(BUILT_IN[architecture_name])).eval()
    built = time.perf_counter()
    ids = torch.zeros(1, tokens, dtype=torch.long)
    counted = torchinfo.summary(model, input_data={"input_ids": ids}, verbose=0)
    return Summary(built - started, time.perf_counter() - built, counted.total_params)


def main() -> None:
    """The teacher's architecture and the largest."""
    for name in ("reviews", "bert-large-uncased"):
        counted = torchinfo_seconds(name)
        print(
            f"{name}: {counted.parameters:,} parameters; built in {counted.build:.2f} s, "
            f"summary in {counted.summary:.2f} s, {counted.build + counted.summary:.2f} s together"
        )


if __name__ == "__main__":
    main()
