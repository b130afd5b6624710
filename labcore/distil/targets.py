"""The targets of distillation: the teacher's outputs for every example, computed once and cached on disk.

In evaluation mode the teacher's outputs for an example never change, so to compute them again in each epoch would be
wasted work. The file's name is a hash of all that decides them: see `TargetsKey`.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from labcore.data.batches import Encoded, evaluation_batches
from labcore.distil.precision import autocast
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.fingerprint import fingerprint
from labcore.models.placement import device_of, placed, to_host
from labcore.results.events import Preparing
from labcore.system import processor
from labcore.system.code_version import code_version
from labcore.system.faults import os_error, sentence
from labcore.system.files import replacing


@dataclass(frozen=True)
class Targets:
    """The teacher's logits (N, C), and its [CLS] states after each layer (N, L, H) if they are needed."""

    logits: Tensor
    states: Tensor | None


@dataclass(frozen=True)
class TargetsKey:
    """All that decides a teacher's outputs for some examples, and so the name of their file in the cache.

    model: its weights, config and heads. tokens: the tokens of the examples with their types and the padding token,
    which follow from tokenizer, token limit and texts. processor: the kind of the device, because another one
    rounds products differently. code: the version of the code that computes them.
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


# What decides a teacher's outputs besides its own weights and config.
CODE = (
    "labcore.models.encoder",
    "labcore.models.attention_context",
    "labcore.models.family",
    "labcore.models.family_data",
    "labcore.models.family_parts",
    "labcore.models.layer_modules",
    "labcore.models.modernbert",
    "labcore.models.parts",
    "labcore.models.low_rank",
    "labcore.models.placement",
    "labcore.distil.targets",
    "labcore.distil.precision",
    "labcore.data.batches",
    "labcore.system.processor",
)


def targets_key(
    teacher: Classifier, encoded: Encoded, *, states: bool, bf16: bool, model: str | None = None
) -> TargetsKey:
    """The key of a teacher's outputs for `encoded` on this machine, by this version of the code.

    model: the teacher's fingerprint, if it is known.
    """
    read = (encoded.padding, encoded.tokens, *(() if encoded.second_from is None else (encoded.second_from,)))
    tokens = hashlib.sha256(repr(read).encode()).hexdigest()
    return TargetsKey(
        model=model or fingerprint(teacher),
        tokens=tokens,
        bf16=bf16,
        states=states,
        processor=processor.kind_of(processor.device()),
        code=code_version(*CODE),
    )


def teacher_targets(
    teacher: Classifier,
    encoded: Encoded,
    cache: Path,
    *,
    states: bool,
    bf16: bool = False,
    model: str | None = None,
) -> Generator[Preparing, None, Targets]:
    """Targets for every example of `encoded`: from `cache` if they are there, else computed (in `bf16`) and cached.

    model: the teacher's fingerprint, if it is known.

    A generator: it yields progress while the teacher computes, and returns the Targets. The file appears whole or not
    at all, also if the generator is closed half-way.
    """
    key = targets_key(teacher, encoded, states=states, bf16=bf16, model=model)
    path = cache / key.file
    for file in (path, cache / replace(key, states=True).file):  # with states there are logits, too
        if (cached := _cached(file, len(encoded), states=states)) is not None:
            return cached

    targets = yield from compute_targets(teacher, encoded, states=states, bf16=bf16)
    try:
        _cache(targets, path)
    except Exception as error:
        if (cause := os_error(error)) is None:
            raise
        # A full disk costs the next run time, and this run nothing.
        logging.getLogger(__name__).warning("the teacher's predictions are not cached. %s", sentence(cause, cache))
    return targets


def _cache(targets: Targets, path: Path) -> None:
    """Write them, whole or not at all. Raises OSError, or safetensors' own error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"logits": targets.logits} | ({"states": targets.states} if targets.states is not None else {})
    with replacing(path) as beside:
        save_file(tensors, beside)


def _cached(file: Path, examples: int, *, states: bool) -> Targets | None:
    """The targets in a file; None if it is not there, or damaged, so that they are computed again."""
    try:
        with safe_open(file, framework="pt") as content:
            targets = Targets(content.get_tensor("logits"), content.get_tensor("states") if states else None)
    except (OSError, SafetensorError):
        return None
    return targets if len(targets.logits) == examples else None


def compute_targets(
    teacher: Classifier, encoded: Encoded, *, states: bool, bf16: bool = False
) -> Generator[Preparing, None, Targets]:
    """The targets of every example, without a cache; yields progress. The chosen device computes them for the host."""
    shape = encoder.architecture_of(teacher)
    logits = torch.empty(len(encoded), shape.labels)
    cls_states = torch.empty(len(encoded), shape.layers, shape.hidden) if states else None
    teacher = placed(teacher.eval())
    done, started = 0, time.perf_counter()
    for batch in evaluation_batches(encoded, device=device_of(teacher)):
        with torch.inference_mode(), autocast(bf16):
            output = encoder.forward(teacher, batch.ids, batch.mask, batch.types)
        logits[batch.index] = to_host(output.logits.float())
        if cls_states is not None:
            cls_states[batch.index] = to_host(torch.stack(output.states, dim=1).float())
        done += len(batch.index)
        yield Preparing(done, len(encoded), time.perf_counter() - started)
    return Targets(logits, cls_states)
