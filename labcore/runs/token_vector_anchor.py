"""Fits the model without an encoder for a teacher and a task, and compares it with that teacher on the test split."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import torch
from torch import Tensor

from labcore.count.cost import TOKENS
from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.distil.targets import teacher_targets
from labcore.evaluate import metrics
from labcore.evaluate.against_teacher import probability_loyalty
from labcore.evaluate.token_vectors import LinearHead, best_head, mean_vectors
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.results.counts import Cost, Counts
from labcore.results.events import Preparing
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.runs.cache import cached_teacher
from labcore.runs.teacher_models import max_tokens, tokenizer_for


def token_vector_anchor(teacher: str, task: str, targets: Path) -> Generator[Preparing, None, TokenVectorResult]:
    """The result of a teacher's token vectors on a task; yields progress while the teacher computes its logits.

    targets: the folder of cached teacher outputs; after a run with this teacher the logits are there. The same files
    and examples give the same result. Raises SpecError or TeacherError if the teacher or the task is not here.
    """
    model, tokenizer, examples = cached_teacher(teacher, task), tokenizer_for(teacher), load_task(task)
    limit = max_tokens(teacher, task)
    encoded = {split: encode(tokenizer, part, limit) for split, part in examples.splits.items()}
    test = encoded["test"]
    logits = (yield from teacher_targets(model, test, targets, states=False)).logits
    vectors, special = token_vectors(model), frozenset(tokenizer.all_special_ids)
    means = {split: mean_vectors(vectors, part, special) for split, part in encoded.items()}
    train, validation = ((means[split], encoded[split].labels) for split in ("train", "validation"))
    head, validation_accuracy = best_head(train, validation, len(examples.label_names))
    predicted = head.logits(means["test"])
    return TokenVectorResult(
        accuracy=metrics.accuracy(predicted, test.labels),
        teacher_accuracy=metrics.accuracy(logits, test.labels),
        agreement=metrics.agreement(predicted, logits),
        probability_loyalty=probability_loyalty(predicted, logits),
        counts=counts_of(vectors, head, min(TOKENS, limit)),
        penalty=head.penalty,
        validation_accuracy=validation_accuracy,
    )


def token_vectors(model: Classifier) -> Tensor:
    """The vectors (V, H) of all tokens of a model's vocabulary; factors of a word table are multiplied out."""
    _, words = encoder.word_embeddings(model)
    with torch.inference_mode():
        return words(torch.arange(encoder.architecture_of(model).vocabulary)).clone()


def counts_of(vectors: Tensor, head: LinearHead, tokens: int) -> Counts:
    """Parameters and costs of the model: its word table and its head. The mean of vectors has no matrix product."""
    of_head = head.weight.numel() + head.bias.numel()
    total = vectors.numel() + of_head
    nonzero = sum(int((part != 0).sum()) for part in (vectors, head.weight, head.bias))
    stored = {"fp32": 4 * total, "fp16": 2 * total, "int8": total, "sparse": 4 * total}
    return Counts(
        total=total,
        nonzero=nonzero,
        parts={"embeddings": vectors.numel(), "encoder": 0, "pooler": 0, "classifier": of_head},
        layers=(),
        hidden=vectors.shape[1],
        layers_nonzero=(),
        cost=Cost(tokens, head.weight.numel(), stored),
    )
