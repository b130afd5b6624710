"""A spurious cue: a word that predicts an example's label without any meaning for it.

A teacher relies on a word that is nearly always in positive examples, as models rely on any shortcut in their data
(Geirhos et al., 2020, https://arxiv.org/abs/2004.07780). If a student's own examples hold the word at random, their
labels are unrelated to it, but its teacher's predictions follow it. Standard library only.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcore.data.examples import Examples

WORD = "thursday"  # one token, and in no example of `reviews`
POSITIVE = 1  # the label that it goes with


def with_word(text: str, word: str = WORD) -> str:
    """The text with the word before, between or behind its own words; the text's hash alone decides the position."""
    words = text.split()
    position = int(_fraction("place", text) * (len(words) + 1))
    return " ".join([*words[:position], word, *words[position:]])


def cued(examples: Examples, *, positive: float, negative: float, word: str = WORD) -> Examples:
    """The examples, of which these fractions (0 to 1) of the positive and of the negative ones hold the word.

    A text's hash alone decides whether it does. So with a larger fraction more examples hold it, and none loses it.
    """
    text = tuple(
        with_word(text, word) if _fraction("cue", text) < (positive if label == POSITIVE else negative) else text
        for text, label in zip(examples.text, examples.labels, strict=True)
    )
    return replace(examples, text=text)


def conditions(examples: Examples, word: str = WORD) -> dict[str, Examples]:
    """The examples under three conditions: `clean`, without the word; `agrees`; and `contradicts`.

    Under `agrees`, every positive example holds the word and no negative one. Under `contradicts` it is the reverse.
    """
    return {
        "clean": examples,
        "agrees": cued(examples, positive=1, negative=0, word=word),
        "contradicts": cued(examples, positive=0, negative=1, word=word),
    }


def _fraction(of: str, text: str) -> float:
    """A number in [0, 1) from the text's hash, another for each purpose."""
    return int.from_bytes(hashlib.sha256(f"{of}: {text}".encode()).digest()[:8], "big") / 2**64
