"""What every contender of a comparison is given: teacher and student in a folder, the reviews, and their batches."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from transformers import BertForSequenceClassification

from benchmarks.step import STUDENTS
from labcore.compress.derive import derive
from labcore.data.batches import Batch, Encoded, batch_of, encode, training_batches
from labcore.data.examples import Split
from labcore.data.tasks import load_task
from labcore.teacher.load import load_teacher, load_tokenizer

BATCH = 32


def lay_out(folder: Path, student: str, seed: int = 0) -> None:
    """Put the teacher `reviews` and a student of it, before training, into a folder, as transformers saves them."""
    teacher = load_teacher("reviews")
    teacher.save_pretrained(folder / "teacher")
    derive(teacher, [STUDENTS[student]], seed=seed).model.save_pretrained(folder / "student")


def model(folder: Path, which: str) -> BertForSequenceClassification:
    """The `teacher` or the `student` of a folder, as transformers loads it: evaluation mode, fp32, sdpa attention."""
    mapped = BertForSequenceClassification.from_pretrained(folder / which, dtype=torch.float32)
    return copy.deepcopy(mapped)  # out of the file, whose pages would come into memory only as they are used


def reviews(split: Split) -> Encoded:
    """The tokens of a split."""
    task = load_task("reviews")
    return encode(load_tokenizer(), task.splits[split], task.max_tokens)


def shuffled(encoded: Encoded, seed: int) -> Iterator[Batch]:
    """Epoch after epoch, shuffled batches of any lengths, padded to their longest."""
    order = torch.Generator().manual_seed(seed)
    while True:
        positions = torch.randperm(len(encoded), generator=order).tolist()
        for i in range(0, len(positions), BATCH):
            yield batch_of(encoded, positions[i : i + BATCH])


def bucketed(encoded: Encoded, seed: int) -> Iterator[Batch]:
    """Epoch after epoch, the lab's batches of like lengths, in the order in which its own loop reads them."""
    order = torch.Generator().manual_seed(seed)
    return itertools.chain.from_iterable(training_batches(encoded, BATCH, order) for _ in itertools.count())


def inputs(batch: Batch) -> dict[str, Tensor]:
    """A batch as transformers' models take it."""
    mask = torch.ones_like(batch.ids) if batch.mask is None else batch.mask.long()
    return {"input_ids": batch.ids, "attention_mask": mask, "labels": batch.labels}
