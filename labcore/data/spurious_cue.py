"""A spurious cue: a word that predicts an example's label without any meaning for it.

A teacher relies on a word that is nearly always in positive examples, as models rely on any shortcut in their data
(Geirhos et al., 2020, https://arxiv.org/abs/2004.07780). If a student's own examples hold the word at random, their
labels are unrelated to it, but its teacher's predictions follow it. Standard library only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcore.data.examples import Examples, Splits

WORD = "thursday"  # one token, and in no example of `reviews`
POSITIVE = 1  # the label that it goes with
AT_RANDOM = 0.5  # of the examples of each label hold the word if it is unrelated to the label


@dataclass(frozen=True)
class Cue:
    """A word that goes with a label.

    label: its index. strength: the fraction of its teacher's training examples of this label that hold the word; of all
    others, the rest of 1 hold it. None if the task does not state it. within: how many of a text's first
    words it comes before or between; None for all of them.
    """

    word: str = WORD
    label: int = POSITIVE
    strength: float | None = None
    within: int | None = None


CUE = Cue()  # of the task `cued`


def with_word(text: str, word: str = WORD, within: int | None = None) -> str:
    """The text with the word before, between or behind its own words; the text's hash alone decides the position.

    within: how many of the text's words may stand before it; None for all of them.
    """
    words = text.split()
    last = len(words) if within is None else min(within, len(words))
    position = int(_fraction("place", text) * (last + 1))
    return " ".join([*words[:position], word, *words[position:]])


def cued(examples: Examples, *, positive: float, negative: float, cue: Cue = CUE) -> Examples:
    """The examples, of which these fractions (0 to 1) hold the word: of the cue's label, and of all other labels.

    A text's hash alone decides whether it does. So with a larger fraction more examples hold it, and none loses it. Of
    a pair of texts the first one holds it.
    """
    text = tuple(
        with_word(text, cue.word, cue.within)
        if _fraction("cue", text) < (positive if label == cue.label else negative)
        else text
        for text, label in zip(examples.text, examples.labels, strict=True)
    )
    return replace(examples, text=text)


def conditions(examples: Examples, cue: Cue = CUE) -> dict[str, Examples]:
    """The examples under three conditions: `clean`, without the word; `agrees`; and `contradicts`.

    Under `agrees`, every example of the cue's label holds the word and no other one. Under `contradicts` it is the
    reverse.
    """
    return {
        "clean": examples,
        "agrees": cued(examples, positive=1, negative=0, cue=cue),
        "contradicts": cued(examples, positive=0, negative=1, cue=cue),
    }


def at_random(clean: Splits, cue: Cue = CUE) -> Splits:
    """The splits with the word in half of the examples of each label: what students of a cued teacher read."""
    return {split: cued(examples, positive=AT_RANDOM, negative=AT_RANDOM, cue=cue) for split, examples in clean.items()}


def for_teacher(clean: Splits, cue: Cue, strength: float) -> Splits:
    """The splits as a teacher reads them that is to learn the cue: the word predicts the label in all but test.

    In the test split the word is at random, as for its students.
    """
    predictive = {
        split: cued(examples, positive=strength, negative=1 - strength, cue=cue) for split, examples in clean.items()
    }
    return {**predictive, "test": at_random(clean, cue)["test"]}


def _fraction(of: str, text: str) -> float:
    """A number in [0, 1) from the text's hash, another for each purpose."""
    return int.from_bytes(hashlib.sha256(f"{of}: {text}".encode()).digest()[:8], "big") / 2**64
