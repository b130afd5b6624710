"""Tasks whose labels are the tiny BERT's own predictions, put into the list of tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.data import tasks
from labcore.data.batches import encode
from labcore.data.examples import SPLITS, Examples, Splits
from labcore.data.tasks import Task
from labcore.evaluate.metrics import predict
from labcore.models import encoder
from labcore.teacher.load import load_teacher, load_teacher_tokenizer

Words = Callable[[int], str]  # the text of a number
LONGEST = 24  # tokens


def bring(model: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """A folder as a person would bring it: the model and its tokenizer, as save_pretrained writes them."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def task_of(folder: Path, words: Words, sizes: Sequence[int] = (40, 20, 30), name: str = "reviews") -> Task:
    """A task of two classes with `sizes` examples in the splits; the teacher in `folder` is wrong on one in eight.

    The text of number i is `words(i)`. The teacher's bias is moved, in the folder, to where it predicts both classes.
    """
    teacher, tokenizer = load_teacher(str(folder)), load_teacher_tokenizer(str(folder))
    columns = [tuple(words(i) for i in range(n)) for n in sizes]
    every = predict(teacher, encode(tokenizer, Examples(columns[0], (0,) * len(columns[0])), LONGEST))
    with torch.no_grad():
        _, last = encoder.head(teacher)
        last.bias[1] -= (every[:, 1] - every[:, 0]).median()
    teacher.save_pretrained(folder)
    splits = {split: labelled_by(teacher, tokenizer, column) for split, column in zip(SPLITS, columns, strict=True)}
    return task_with(splits, name=name, max_tokens=LONGEST)


def task_with(
    splits: Splits, name: str = "reviews", label_names: Sequence[str] = ("no", "yes"), max_tokens: int = LONGEST
) -> Task:
    """A task with these examples, and nothing else of its own."""
    return Task(
        name=name, label_names=tuple(label_names), read=lambda: splits, max_tokens=max_tokens, mean_tokens=max_tokens
    )


def labelled_by(
    model: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, column: Sequence[str]
) -> Examples:
    """The texts with the model's own predictions as their labels, but for every eighth."""
    labels = predict(model, encode(tokenizer, Examples(tuple(column), (0,) * len(column)), LONGEST)).argmax(-1)
    assert 0.1 < float(labels.float().mean()) < 0.9, "the model predicts nearly always the same class"
    labels[7::8] = 1 - labels[7::8]
    return Examples(tuple(column), tuple(labels.tolist()))


def give_task(monkeypatch: pytest.MonkeyPatch, task: Task) -> None:
    """Put a task into the lab's list of tasks. One of its name makes room for it, and leaves it its teachers."""
    named = {other.name: other for other in tasks.TASKS}
    if task.name in named and not task.teachers:
        task = replace(task, teachers=named[task.name].teachers)
    monkeypatch.setattr(tasks, "TASKS", tuple((named | {task.name: task}).values()))
