"""From examples to batches of tokens, with examples of similar length together.

A batch is as wide as its longest example. Of mixed lengths, most of a batch is padding; pools of similar length save
that work. The order stays random: which examples share a pool, and in which order the batches come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from labcore.data.examples import Examples

POOL_BATCHES = 50  # examples are sorted by length within pools of this many batches


@dataclass(frozen=True)
class Encoded:
    """Tokens of N examples (ragged), their labels (N,), and the padding token."""

    tokens: tuple[tuple[int, ...], ...]
    labels: Tensor
    padding: int

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class Batch:
    """index: (B,) indices in the Encoded. ids: (B, T). mask: (B, T), false at padding; None if there is no padding."""

    index: Tensor
    ids: Tensor
    mask: Tensor | None
    labels: Tensor


def encode(tokenizer: PreTrainedTokenizerBase, examples: Examples, max_tokens: int) -> Encoded:
    """The tokens of every example, truncated to `max_tokens` ([CLS] and [SEP] included)."""
    tokens = tokenizer(list(examples.text), truncation=True, max_length=max_tokens)["input_ids"]
    padding = tokenizer.pad_token_id
    assert isinstance(padding, int)
    return Encoded(tuple(map(tuple, tokens)), torch.tensor(examples.labels), padding)


def training_batches(encoded: Encoded, size: int, order: torch.Generator) -> Iterator[Batch]:
    """One epoch: every example once, in an order drawn from `order`; the last batch may be smaller."""
    shuffled = torch.randperm(len(encoded), generator=order).tolist()
    groups: list[list[int]] = []
    for start in range(0, len(shuffled), size * POOL_BATCHES):
        pool = sorted(shuffled[start : start + size * POOL_BATCHES], key=lambda i: len(encoded.tokens[i]))
        groups += [pool[i : i + size] for i in range(0, len(pool), size)]
    for i in torch.randperm(len(groups), generator=order).tolist():
        yield batch_of(encoded, groups[i])


def evaluation_batches(encoded: Encoded, size: int = 64) -> Iterator[Batch]:
    """Every example once, shortest first."""
    by_length = sorted(range(len(encoded)), key=lambda i: len(encoded.tokens[i]))
    for start in range(0, len(by_length), size):
        yield batch_of(encoded, by_length[start : start + size])


def batches_in_epoch(encoded: Encoded, size: int) -> int:
    """The number of batches that `training_batches` yields: pools hold full batches, so only the last can be short."""
    return -(-len(encoded) // size)


def batch_of(encoded: Encoded, indices: Sequence[int]) -> Batch:
    """The examples with these indices as one batch, as wide as the longest of them."""
    rows = [encoded.tokens[i] for i in indices]
    width = max(map(len, rows))
    ids = torch.tensor([row + (encoded.padding,) * (width - len(row)) for row in rows])
    index = torch.tensor(indices)
    if all(len(row) == width for row in rows):
        mask = None
    else:
        mask = torch.arange(width) < torch.tensor([len(row) for row in rows])[:, None]
    return Batch(index, ids, mask, encoded.labels[index])
