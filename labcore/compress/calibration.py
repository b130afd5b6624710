"""What a step may look at beside the weights: training sentences, and matrices taken apart before.

Never a validation or test sentence: a student must not be fitted to what will judge it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TypeVar

import torch
from transformers import PreTrainedTokenizerBase

from labcore.data.batches import Encoded, encode
from labcore.data.tasks import Examples
from labcore.data.tokenizers import special_tokens, spelling_pieces, trimmed

GROUPS = 3  # decompositions of a whole encoder that are remembered at once
SAMPLE = 256  # sentences on which importance and covariances are measured

T = TypeVar("T")


class Calibration:
    """Training sentences with the teacher's tokenizer, read when first asked for; and a memory of work done once.

    What is remembered is known by the teacher's fingerprint and the steps that led to it.
    """

    def __init__(self, read: Callable[[], tuple[PreTrainedTokenizerBase, Examples, int]]):
        """`read` gives the tokenizer, the sentences, and how many word pieces of one are read at most."""
        self._read = read
        self._samples: dict[tuple[int, ...] | None, Encoded] = {}
        self._memory: dict[Hashable, dict[Hashable, object]] = {}

    @cached_property
    def _sources(self) -> tuple[PreTrainedTokenizerBase, Examples, int]:
        return self._read()

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The teacher's."""
        return self._sources[0]

    @property
    def examples(self) -> Examples:
        """All the training sentences."""
        return self._sources[1]

    def sample(self, vocabulary: tuple[int, ...] | None = None) -> Encoded:
        """Some 256 training sentences, the same ones always, in the word pieces that a student knows."""
        if (found := self._samples.get(vocabulary)) is not None:
            return found
        _, examples, longest = self._sources
        drawn = torch.randperm(len(examples), generator=torch.Generator().manual_seed(0))[:SAMPLE].tolist()
        some = Examples(tuple(examples.texts[i] for i in drawn), tuple(examples.labels[i] for i in drawn))
        sample = encode(trimmed(self.tokenizer, vocabulary), some, longest)
        self._samples = {vocabulary: sample}
        return sample

    @cached_property
    def ranking(self) -> tuple[list[int], int, int]:
        """Ids of word pieces, those to keep first at the front; how many are special; how many the sentences use.

        Special pieces come first, then single characters, then the others by how often the training sentences
        hold them; pieces that they never hold come last. The first two kinds count as used.
        """
        special, spelling = special_tokens(self.tokenizer), spelling_pieces(self.tokenizer)
        tokens = torch.tensor([i for row in encode(*self._sources).tokens for i in row])
        usage = torch.bincount(tokens, minlength=len(self.tokenizer))
        usage[spelling] = len(tokens) + 1  # more than any other
        usage[special] = len(tokens) + 2
        order = torch.sort(usage, descending=True, stable=True).indices
        return order.tolist(), len(special), int((usage > 0).sum())

    def remember(self, group: Hashable, key: Hashable, work: Callable[[], T]) -> T:
        """What `work` gives, done once for a group and key; only the few groups asked for last are kept."""
        memory = self._memory  # never changed in place: several threads may ask at once, and at worst work twice
        found = memory.get(group, {})
        others = [(name, kept) for name, kept in memory.items() if name != group]
        self._memory = dict([*others[-(GROUPS - 1) :], (group, found)])
        if key not in found:
            found[key] = work()
        return found[key]  # type: ignore[return-value]
