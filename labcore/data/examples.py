"""Labelled examples, in splits that never shift.

The SHA-256 of an example's text alone decides its split. So neither the order of a file nor a new example can move a
test example into training. Standard library only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
TRAIN_SHARE, VALIDATION_SHARE = 0.75, 0.125  # the rest is the test split


@dataclass(frozen=True)
class Examples:
    """Examples in a fixed order: the column of their texts, and that of their integer labels.

    second: the second text of each example, if an example is a pair of texts; else None.
    """

    text: tuple[str, ...]
    labels: tuple[int, ...]
    second: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the texts and labels, in their order."""
        content = (self.text, self.labels) if self.second is None else (self.text, self.labels, self.second)
        return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()

    def select(self, indices: Sequence[int]) -> Examples:
        """The examples with these indices, in this order."""
        second = None if self.second is None else tuple(self.second[i] for i in indices)
        return Examples(tuple(self.text[i] for i in indices), tuple(self.labels[i] for i in indices), second)

    def spread(self, most: int) -> Examples:
        """At most `most` of the examples, evenly spread over them."""
        fewer = min(most, len(self))
        return self.select([i * len(self) // fewer for i in range(fewer)])

    def followed_by(self, others: Examples) -> Examples:
        """These examples, then the others. Raises ValueError if only one of both has pairs."""
        if (self.second is None) != (others.second is None):
            raise ValueError("pairs of texts and single texts can't be joined; give two of one kind")
        second = None if self.second is None or others.second is None else self.second + others.second
        return Examples(self.text + others.text, self.labels + others.labels, second)


Splits = dict[Split, Examples]


def position_of(text: str) -> float:
    """A number in [0, 1) from the SHA-256 of a text's UTF-8 bytes alone: it decides the split."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def split_of(text: str) -> Split:
    """The split of an example, from the hash of its text alone."""
    position = position_of(text)
    if position < TRAIN_SHARE:
        return "train"
    return "validation" if position < TRAIN_SHARE + VALIDATION_SHARE else "test"


def in_splits(rows: Sequence[tuple[str, int]]) -> Splits:
    """Texts with their labels, without repeated texts and sorted by text, in their splits."""
    unique = sorted(dict(rows).items())
    groups: dict[Split, list[tuple[str, int]]] = {split: [] for split in SPLITS}
    for text, label in unique:
        groups[split_of(text)].append((text, label))
    return {
        split: Examples(tuple(text for text, _ in group), tuple(label for _, label in group))
        for split, group in groups.items()
    }
