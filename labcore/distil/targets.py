"""What the teacher says of every sentence, computed once and kept on disk.

In evaluation mode, on fixed text, the teacher's outputs never change, so asking it again in each epoch would
be work for nothing. The file's name is a hash of all that decides them: see `TargetsKey`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from transformers import BertForSequenceClassification

from labcore.data.batches import Encoded, evaluation_batches
from labcore.distil.precision import autocast
from labcore.models import encoder
from labcore.models.fingerprint import fingerprint
from labcore.results.record import Preparing
from labcore.system.code_version import code_version
from labcore.system.faults import os_error, sentence


@dataclass(frozen=True)
class Targets:
    """The teacher's logits (N, C), and its [CLS] states after each layer (N, L, H) where they were asked for."""

    logits: Tensor
    states: Tensor | None


@dataclass(frozen=True)
class TargetsKey:
    """All that decides a teacher's outputs for some examples, and so the name of the file that keeps them.

    model: its weights, config and heads. tokens: the examples as the model reads them, which is what tokenizer, token
    limit and texts come to, with the padding token. processor: its kind, for products round otherwise on another.
    code: the version of the code that computes them.
    """

    model: str
    tokens: str
    bf16: bool
    states: bool
    processor: str
    code: str

    @property
    def file(self) -> str:
        """The file's name: a hash of all fields."""
        digest = hashlib.sha256(repr(self).encode()).hexdigest()[:32]
        return f"{digest}-{'states' if self.states else 'logits'}.safetensors"


CODE = ("labcore.models.encoder", "labcore.models.low_rank", "labcore.distil.targets", "labcore.distil.precision",
        "labcore.data.batches")  # fmt: skip  # what decides a teacher's outputs beside its own weights and config


def targets_key(
    teacher: BertForSequenceClassification, encoded: Encoded, *, states: bool, bf16: bool, model: str | None = None
) -> TargetsKey:
    """The key of a teacher's outputs for `encoded` on this machine, by this version of the code.

    model: the teacher's fingerprint, if it is known.
    """
    tokens = hashlib.sha256(repr((encoded.padding, encoded.tokens)).encode()).hexdigest()
    processor = f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
    return TargetsKey(model or fingerprint(teacher), tokens, bf16, states, processor, code_version(*CODE))


def teacher_targets(
    teacher: BertForSequenceClassification,
    encoded: Encoded,
    cache: Path,
    *,
    states: bool,
    bf16: bool = False,
    model: str | None = None,
) -> Generator[Preparing, None, Targets]:
    """Targets for every sentence of `encoded`: from `cache` where they are, else computed (in `bf16`) and put there.

    model: the teacher's fingerprint, if it is known.

    A generator: it yields progress while the teacher reads, and returns the Targets. The file appears whole
    or not at all, also where the generator is closed half-way.
    """
    key = targets_key(teacher, encoded, states=states, bf16=bf16, model=model)
    path = cache / key.file
    for file in (path, cache / replace(key, states=True).file):  # with states there are logits, too
        if (kept := _kept(file, len(encoded), states=states)) is not None:
            return kept

    targets = yield from compute_targets(teacher, encoded, states=states, bf16=bf16)
    try:
        _keep(targets, path)
    except Exception as error:
        if (cause := os_error(error)) is None:
            raise
        # A disk that is full costs the next run time, and this run nothing.
        logging.getLogger(__name__).warning("the teacher's predictions are not cached. %s", sentence(cause, cache))
    return targets


def _keep(targets: Targets, path: Path) -> None:
    """Write them, whole or not at all. Raises OSError, or safetensors' own error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"logits": targets.logits} | ({"states": targets.states} if targets.states is not None else {})
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        save_file(tensors, beside)
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _kept(file: Path, examples: int, *, states: bool) -> Targets | None:
    """The targets in a file; None if it is not there, or damaged, so that they are computed again."""
    try:
        with safe_open(file, framework="pt") as content:
            found = Targets(content.get_tensor("logits"), content.get_tensor("states") if states else None)
    except (OSError, SafetensorError):
        return None
    return found if len(found.logits) == examples else None


def compute_targets(
    teacher: BertForSequenceClassification, encoded: Encoded, *, states: bool, bf16: bool = False
) -> Generator[Preparing, None, Targets]:
    """The same without a cache."""
    shape = encoder.architecture_of(teacher)
    logits = torch.empty(len(encoded), shape.labels)
    kept = torch.empty(len(encoded), shape.layers, shape.hidden) if states else None
    teacher.eval()
    done, started = 0, time.perf_counter()
    for batch in evaluation_batches(encoded):
        with torch.inference_mode(), autocast(bf16):
            reading = encoder.forward(teacher, batch.ids, batch.mask)
        logits[batch.index] = reading.logits.float()
        if kept is not None:
            kept[batch.index] = torch.stack(reading.states, dim=1).float()
        done += len(batch.index)
        yield Preparing(done, len(encoded), time.perf_counter() - started)
    return Targets(logits, kept)
