"""Tasks that the tiny BERT does well, for it has labelled their texts itself, given to every module in a real task's place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

import labcore.runs.export_untrained
import labcore.runs.sweep
import labcore.runs.teacher_check  # noqa: F401  (all that loads a task is imported before it is replaced)
from labcore.data.batches import encode
from labcore.data.tasks import SPLITS, Examples, Task
from labcore.evaluate.metrics import predict
from labcore.teacher.load import load_teacher, load_teacher_tokenizer

Words = Callable[[int], str]  # the text of a number
LONGEST = 24  # tokens


def bring(model: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """A folder as a person would bring it: the model and its tokenizer, as save_pretrained writes them."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def task_of(folder: Path, words: Words, sizes: Sequence[int] = (40, 20, 30), name: str = "reviews") -> Task:
    """A task of two classes with so many examples in each split; the teacher in `folder` is wrong on one in eight.

    The text of number i is `words(i)`. The teacher's bias is moved, in the folder, to where it predicts both classes.
    """
    teacher, tokenizer = load_teacher(str(folder)), load_teacher_tokenizer(str(folder))
    texts = [tuple(words(i) for i in range(n)) for n in sizes]
    every = predict(teacher, encode(tokenizer, Examples(texts[0], (0,) * len(texts[0])), LONGEST))
    with torch.no_grad():
        teacher.classifier.bias[1] -= (every[:, 1] - every[:, 0]).median()
    teacher.save_pretrained(folder)
    splits = {split: labelled_by(teacher, tokenizer, some) for split, some in zip(SPLITS, texts, strict=True)}
    return Task(name, ("no", "yes"), splits, LONGEST)


def labelled_by(
    model: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]
) -> Examples:
    """The texts with the model's own predictions as their labels, but for every eighth."""
    labels = predict(model, encode(tokenizer, Examples(tuple(texts), (0,) * len(texts)), LONGEST)).argmax(-1)
    assert 0.1 < float(labels.float().mean()) < 0.9, "the model predicts nearly always the same class"
    labels[7::8] = 1 - labels[7::8]
    return Examples(tuple(texts), tuple(labels.tolist()))


def give_task(monkeypatch: pytest.MonkeyPatch, task: Task) -> None:
    """Every module that loads a task by its name gets this one."""
    for name, module in list(sys.modules.items()):
        if name.startswith("labcore.") and hasattr(module, "load_task"):
            monkeypatch.setattr(module, "load_task", lambda name: task)
