"""The data that a step may use beside the weights: training examples, and a cache of matrix decompositions.

Never a validation or test example, because a student must not be fitted to the examples of its evaluation.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import TypeVar

import torch
from transformers import PreTrainedTokenizerBase

from labcore.data.batches import Encoded, encode
from labcore.data.examples import Examples
from labcore.data.tokenizers import byte_tokens, character_tokens, ranked, special_tokens, trimmed
from labcore.system.kept_by_size import KeptBySize

DECOMPOSED = 300_000_000  # bytes of all groups that are kept; one of MiniLM's encoder takes 85 million
SAMPLE = 256  # examples on which importance and covariances are measured

T = TypeVar("T")
Group = dict[Hashable, object]  # for example the decomposition of each matrix of an encoder


def size_of(result: object) -> int:
    """Bytes of the tensors in a result."""
    if isinstance(result, torch.Tensor):
        return result.nbytes
    if is_dataclass(result):
        return sum(size_of(getattr(result, field.name)) for field in fields(result))
    if isinstance(result, dict):
        return sum(map(size_of, result.values()))
    return sum(map(size_of, result)) if isinstance(result, (tuple, list)) else 0


_GROUPS: KeptBySize[tuple[object, Hashable], Group] = KeptBySize(DECOMPOSED, size_of)


class Calibration:
    """Training examples with the teacher's tokenizer, read at their first use; and a cache.

    A group in the cache belongs to one teacher, by its fingerprint, and the steps before.
    """

    def __init__(self, read: Callable[[], tuple[PreTrainedTokenizerBase, Examples, int]]):
        """`read` returns the tokenizer, the examples, and the most tokens of an example that are read."""
        self._read = read
        self._examples = SAMPLE
        self._samples: dict[tuple[int, ...] | None, Encoded] = {}  # only the last one, by its vocabulary
        self._own = object()  # tells its groups from those of others

    @cached_property
    def _sources(self) -> tuple[PreTrainedTokenizerBase, Examples, int]:
        return self._read()

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The teacher's."""
        return self._sources[0]

    @property
    def examples(self) -> Examples:
        """All training examples."""
        return self._sources[1]

    def of_few(self, examples: int) -> Calibration:
        """The same with a sample of fewer examples: quicker, and less exact. It has groups of its own."""
        few = copy.copy(self)
        few._examples, few._samples, few._own = examples, {}, object()
        return few

    def sample(self, vocabulary: tuple[int, ...] | None = None) -> Encoded:
        """256 training examples, always the same ones, in the tokens of a student's vocabulary."""
        if (known := self._samples.get(vocabulary)) is not None:
            return known
        tokenizer, examples, max_tokens = self._sources
        drawn = torch.randperm(len(examples), generator=torch.Generator().manual_seed(0))[: self._examples].tolist()
        some = examples.select(drawn)
        sample = encode(trimmed(tokenizer, vocabulary), some, max_tokens)
        self._samples = {vocabulary: sample}
        return sample

    @cached_property
    def ranking(self) -> tuple[list[int], int, int]:
        """Token ids, those to keep first at the front; the number of those that stay; the number in use.

        Special tokens come first, with the single bytes of a byte-level tokenizer; these stay. Then come single
        characters, then the others by their frequency in the training examples. Tokens that no example has come last.
        The first two kinds count as used. A token that is made by merging others comes behind them.
        """
        tokenizer, examples, max_tokens = self._sources
        stay = sorted({*special_tokens(tokenizer), *byte_tokens(tokenizer)})
        tokens = torch.tensor([i for row in encode(tokenizer, examples, max_tokens).tokens for i in row])
        usage = torch.bincount(tokens, minlength=len(tokenizer))
        usage[character_tokens(tokenizer)] = len(tokens) + 1  # more than any other
        usage[stay] = len(tokens) + 2
        order = ranked(tokenizer, torch.sort(usage, descending=True, stable=True).indices.tolist())
        return order, len(stay), int((usage[order] > 0).nonzero().max()) + 1

    def remember(self, group: Hashable, key: Hashable, work: Callable[[], T]) -> T:
        """The result of `work`, done once for a group and key.

        Of all groups in the process those that were used last are kept, as many as fit into `DECOMPOSED` bytes.
        """
        results = _GROUPS.get((self._own, group), dict)
        if key not in results:
            results[key] = work()
            _GROUPS.get((self._own, group), lambda: results)  # it is larger now, so another may have to go
        return results[key]  # type: ignore[return-value]
