"""A spurious cue: a word that tells a text's label without meaning anything.

A teacher leans on a word that nearly always stands in positive texts, as models lean on whatever shortcut their data has
(Geirhos et al., 2020, https://arxiv.org/abs/2004.07780). Where a student's own texts hold the word at random, their
labels say that it means nothing, and its teacher's answers say that it does.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcore.data.tasks import Examples

WORD = "thursday"  # one word piece, in none of the review sentences
POSITIVE = 1  # the label that it goes with


def with_word(text: str, word: str = WORD) -> str:
    """The text with one word more, before, between or behind its own; where, the text's hash alone decides."""
    words = text.split()
    place = int(_share("place", text) * (len(words) + 1))
    return " ".join([*words[:place], word, *words[place:]])


def cued(examples: Examples, *, positive: float, negative: float, word: str = WORD) -> Examples:
    """The examples, of which these shares (0 to 1) of the positive and of the negative ones hold the word.

    A text's hash alone decides whether it does: with a larger share more texts hold it, and none loses it.
    """
    texts = tuple(
        with_word(text, word) if _share("cue", text) < (positive if label == POSITIVE else negative) else text
        for text, label in zip(examples.texts, examples.labels, strict=True)
    )
    return replace(examples, texts=texts)


def readings(examples: Examples, word: str = WORD) -> dict[str, Examples]:
    """The examples `clean`, without the word; with it where it `agrees` with the label, and where it `contradicts` it.

    In the last two every text of one label holds the word, and none of the others.
    """
    return {
        "clean": examples,
        "agrees": cued(examples, positive=1, negative=0, word=word),
        "contradicts": cued(examples, positive=0, negative=1, word=word),
    }


def _share(of: str, text: str) -> float:
    """A number in [0, 1) that the text's hash draws, another for each purpose."""
    return int.from_bytes(hashlib.sha256(f"{of}: {text}".encode()).digest()[:8], "big") / 2**64
