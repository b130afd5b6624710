"""What the teacher says of every sentence, computed once and kept on disk.

In evaluation mode, on fixed text, the teacher's outputs never change, so asking it again in each epoch would
be work for nothing. The file's name is a hash of the teacher's weights and of the word pieces, and the precision.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BertForSequenceClassification

from labcore.data.batches import Encoded, evaluation_batches
from labcore.distil.precision import autocast
from labcore.record import Preparing
from labcore.teacher import bert


@dataclass(frozen=True)
class Targets:
    """The teacher's logits (N, C), and its [CLS] states after each layer (N, L, H) where they were asked for."""

    logits: Tensor
    states: Tensor | None


def fingerprint(teacher: nn.Module, encoded: Encoded) -> str:
    """SHA-256 (hex) of the teacher's weights and the word pieces, in that order."""
    digest = hashlib.sha256()
    for name, tensor in sorted(teacher.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(
            tensor.contiguous().view(torch.uint8).numpy().data if tensor.dim() else repr(tensor.item()).encode()
        )
    for row in encoded.pieces:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def teacher_targets(
    teacher: BertForSequenceClassification, encoded: Encoded, cache: Path, *, states: bool, bf16: bool = False
) -> Generator[Preparing, None, Targets]:
    """Targets for every sentence of `encoded`: from `cache` where they are, else computed (in `bf16`) and put there.

    A generator: it yields progress while the teacher reads, and returns the Targets. The file appears whole
    or not at all, also where the generator is closed half-way.
    """
    name = fingerprint(teacher, encoded)[:32] + ("-bf16" if bf16 else "")
    path = cache / f"{name}-{'states' if states else 'logits'}.safetensors"
    richer = cache / f"{name}-states.safetensors"
    for found in (path, richer):
        if found.exists():
            with safe_open(found, framework="pt") as file:
                return Targets(file.get_tensor("logits"), file.get_tensor("states") if states else None)

    targets = yield from fresh_targets(teacher, encoded, states=states, bf16=bf16)
    cache.mkdir(parents=True, exist_ok=True)
    tensors = {"logits": targets.logits} | ({"states": targets.states} if targets.states is not None else {})
    handle, beside = tempfile.mkstemp(dir=cache, suffix=".part")
    os.close(handle)
    try:
        save_file(tensors, beside)
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)
    return targets


def fresh_targets(
    teacher: BertForSequenceClassification, encoded: Encoded, *, states: bool, bf16: bool = False
) -> Generator[Preparing, None, Targets]:
    """The same without a cache."""
    shape = bert.architecture_of(teacher)
    logits = torch.empty(len(encoded), shape.labels)
    kept = torch.empty(len(encoded), shape.layers, shape.hidden) if states else None
    teacher.eval()
    done, started = 0, time.perf_counter()
    for batch in evaluation_batches(encoded):
        with torch.inference_mode(), autocast(bf16):
            reading = bert.forward(teacher, batch.ids, batch.mask)
        logits[batch.index] = reading.logits.float()
        if kept is not None:
            kept[batch.index] = torch.stack(reading.states, dim=1).float()
        done += len(batch.index)
        yield Preparing(done, len(encoded), time.perf_counter() - started)
    return Targets(logits, kept)
