"""From examples to batches of tokens, with examples of similar length together.

A batch is as wide as its longest example. Of mixed lengths, most of a batch is padding; pools of similar length save
that work. The order stays random: which examples share a pool, and in which order the batches come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from labcore.data.examples import Examples

POOL_BATCHES = 50  # examples are sorted by length within pools of this many batches


@dataclass(frozen=True)
class Encoded:
    """Tokens of N examples (ragged), their labels (N,), and the padding token.

    second_from: of pairs, the index of each example's first token of type 1; from there on all are of that type. None
    if no example is a pair, or if the tokenizer has no types.
    """

    tokens: tuple[tuple[int, ...], ...]
    labels: Tensor
    padding: int
    second_from: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class Batch:
    """index: (B,) indices in the Encoded. ids: (B, T). mask: (B, T), false at padding; None if there is no padding.

    types: (B, T), 1 at the tokens of an example's second text; None if all are 0.
    All but `index` are on the batch's device. What `index` selects from is on the host.
    """

    index: Tensor
    ids: Tensor
    mask: Tensor | None
    labels: Tensor
    types: Tensor | None = None

    @property
    def device(self) -> torch.device:
        """Where a model that reads the batch must be."""
        return self.ids.device

    def to(self, device: torch.device) -> Batch:
        """The batch on another device."""
        tensors = {name: value for name, value in vars(self).items() if isinstance(value, Tensor) and name != "index"}
        return replace(self, **{name: tensor.to(device) for name, tensor in tensors.items()})


def encode(tokenizer: PreTrainedTokenizerBase, examples: Examples, max_tokens: int) -> Encoded:
    """The tokens of every example, truncated to `max_tokens` ([CLS] and [SEP] included); of a pair, its longer text."""
    padding = tokenizer.pad_token_id
    assert isinstance(padding, int)
    second = None if examples.second is None else list(examples.second)
    settings = {} if second is None else {"return_token_type_ids": "token_type_ids" in tokenizer.model_input_names}
    encoding = tokenizer(list(examples.text), second, truncation="longest_first", max_length=max_tokens, **settings)
    tokens = tuple(map(tuple, encoding["input_ids"]))
    return Encoded(tokens, torch.tensor(examples.labels), padding, _second_from(encoding) if second else None)


def _second_from(encoding: Mapping[str, list[list[int]]]) -> tuple[int, ...] | None:
    """The index of each example's first token of type 1; None if no token has that type."""
    types = encoding.get("token_type_ids")
    if types is None or not any(map(any, types)):
        return None
    starts = tuple(len(row) - sum(row) for row in types)
    for row, start in zip(types, starts, strict=True):
        if any(row[:start]) or not all(row[start:]):
            raise ValueError("the tokenizer mixes the types of a pair's tokens; give one that puts type 1 last")
    return starts


def training_batches(
    encoded: Encoded, size: int, order: torch.Generator, device: torch.device | None = None
) -> Iterator[Batch]:
    """One epoch: every example once, in an order drawn from `order`; the last batch may be smaller.

    device: of the batches, by default the host. The order is drawn on the host, so it is the same for every device.
    """
    shuffled = torch.randperm(len(encoded), generator=order).tolist()
    groups: list[list[int]] = []
    for start in range(0, len(shuffled), size * POOL_BATCHES):
        pool = sorted(shuffled[start : start + size * POOL_BATCHES], key=lambda i: len(encoded.tokens[i]))
        groups += [pool[i : i + size] for i in range(0, len(pool), size)]
    for i in torch.randperm(len(groups), generator=order).tolist():
        yield batch_of(encoded, groups[i], device)


def evaluation_batches(encoded: Encoded, size: int = 64, device: torch.device | None = None) -> Iterator[Batch]:
    """Every example once, shortest first. device: of the batches, by default the host."""
    by_length = sorted(range(len(encoded)), key=lambda i: len(encoded.tokens[i]))
    for start in range(0, len(by_length), size):
        yield batch_of(encoded, by_length[start : start + size], device)


def batches_in_epoch(encoded: Encoded, size: int) -> int:
    """The number of batches that `training_batches` yields: pools hold full batches, so only the last can be short."""
    return -(-len(encoded) // size)


def batch_of(encoded: Encoded, indices: Sequence[int], device: torch.device | None = None) -> Batch:
    """The examples with these indices as one batch, as wide as the longest of them; on the host without a device."""
    rows = [encoded.tokens[i] for i in indices]
    width = max(map(len, rows))
    ids = torch.tensor([row + (encoded.padding,) * (width - len(row)) for row in rows])
    index = torch.tensor(indices)
    place, lengths = torch.arange(width), torch.tensor([len(row) for row in rows])[:, None]
    mask = None if all(len(row) == width for row in rows) else place < lengths
    types = None
    if encoded.second_from is not None:
        starts = torch.tensor([encoded.second_from[i] for i in indices])[:, None]
        types = ((place >= starts) & (place < lengths)).long()
    batch = Batch(index=index, ids=ids, mask=mask, labels=encoded.labels[index], types=types)
    return batch if device is None else batch.to(device)
