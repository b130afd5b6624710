"""What an exported file gives on the test split, beside the model in PyTorch that it was made of."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import torch
from torch import Tensor

from labcore.data.batches import Batch, Encoded, batch_of, evaluation_batches
from labcore.evaluate.metrics import accuracy, agreement
from labcore.export.exported_folder import Measured
from labcore.export.onnx_graph import INPUTS, OUTPUT, TYPES
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.system.host import processor_name

Model: TypeAlias = Callable[[Batch], Tensor]  # a batch → logits (B, C)
SIZE = 32  # examples of a batch
TIMED = 30  # passes, or as many as the split has
WARM_UP = 3


def of_file(path: Path) -> Model:
    """The model in an ONNX file, by onnxruntime on the processor with one thread. Raises SpecError if it can't run."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
    wanted = {each.name for each in session.get_inputs()}

    def logits(batch: Batch) -> Tensor:
        mask = torch.ones_like(batch.ids) if batch.mask is None else batch.mask.long()
        given = dict(zip(INPUTS, (batch.ids, mask), strict=True))
        if TYPES in wanted:
            given[TYPES] = torch.zeros_like(batch.ids) if batch.types is None else batch.types
        [computed] = session.run([OUTPUT], {name: tensor.numpy() for name, tensor in given.items()})
        return torch.from_numpy(computed)

    return logits


def of_torch(model: Classifier) -> Model:
    """The model by the lab's own forward pass, as its evaluation has it."""

    @torch.inference_mode()
    def logits(batch: Batch) -> Tensor:
        return encoder.forward(model, batch.ids, batch.mask, batch.types).logits

    return logits


def of_transformers(model: Classifier) -> Model:
    """The model by transformers' own forward pass."""

    @torch.inference_mode()
    def logits(batch: Batch) -> Tensor:
        given = {} if batch.types is None else {TYPES: batch.types}
        mask = None if batch.mask is None else batch.mask.long()
        computed: Tensor = model(input_ids=batch.ids, attention_mask=mask, **given).logits
        return computed

    return logits


def measured(model: Model, reference: Classifier, examples: Encoded, size_bytes: int) -> Measured:
    """Compare a model with the one that it was made of, on these examples, and time it. size_bytes: of its file."""
    wanted, given = all_logits(of_torch(reference), examples), all_logits(model, examples)
    return Measured(
        examples=len(examples),
        largest_difference=float((given - wanted).abs().nan_to_num(nan=torch.inf).max()),
        agreement=agreement(given, wanted),
        accuracy=accuracy(given, examples.labels),
        accuracy_in_torch=accuracy(wanted, examples.labels),
        bytes=size_bytes,
        ms_batch_1=median_ms(model, examples, 1),
        ms_batch_32=median_ms(model, examples, SIZE),
        host=f"{processor_name()}, one thread",
    )


def all_logits(model: Model, examples: Encoded) -> Tensor:
    """The logits (N, C) of all examples, in their order."""
    batches = list(evaluation_batches(examples, SIZE))
    computed = [model(batch) for batch in batches]
    logits = torch.empty(len(examples), computed[0].shape[1])
    for batch, part in zip(batches, computed, strict=True):
        logits[batch.index] = part
    return logits


def median_ms(model: Model, examples: Encoded, size: int) -> float:
    """Median milliseconds of a pass over `size` examples, as they come from the split; the first passes do not count.

    torch has one thread meanwhile, as onnxruntime has.
    """
    starts = range(0, max(1, len(examples) - size + 1), max(1, len(examples) // (TIMED if size == 1 else 6)))
    batches = [batch_of(examples, range(start, min(start + size, len(examples)))) for start in starts]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for batch in batches[:WARM_UP]:
            model(batch)
        return statistics.median(_ms(model, batch) for batch in batches[:TIMED])
    finally:
        torch.set_num_threads(threads)


def _ms(model: Model, batch: Batch) -> float:
    started = time.perf_counter()
    model(batch)
    return 1000 * (time.perf_counter() - started)
