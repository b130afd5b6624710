"""A variant of your own data with a spurious cue, as a data set of its own. Standard library only.

Its examples are kept without the cue. Its task puts the word into half of them, whatever their label. For a teacher it
puts the word into nearly all examples of one label: see labcore.data.spurious_cue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from labcore.config.checks import check_characters, shown
from labcore.config.spec import SpecError
from labcore.data.examples import Splits
from labcore.data.own.data_set import DataSet
from labcore.data.own.limits import MAX_NAME, DataError
from labcore.data.spurious_cue import WORD, Cue

MAX_WORD = 30  # characters
STRENGTHS = (0.6, 0.7, 0.8, 0.9, 0.95, 0.99)  # that a page offers
STRENGTH = 0.95
CANDIDATES = (WORD, "umbrella", "harbor", "velvet", "tuesday", "lantern", "copper", "orchard", "saddle", "pepper")


def with_cue(data_set: DataSet, word: str, label: int, strength: float = STRENGTH) -> DataSet:
    """The data set with a cue: a teacher reads the word in `strength` of the label's examples, and seldom in others.

    Raises DataError if the word occurs in an example or can't be one word, and if label or strength is out of range.
    """
    if data_set.cue is not None:
        raise DataError(f"these data have a cue already, “{data_set.cue.word}”; take the data without it")
    word = checked_word(word)
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < len(data_set.label_names):
        raise DataError(f"label is {shown(label)}; give an index from 0 to {len(data_set.label_names) - 1}")
    if not isinstance(strength, int | float) or not 0.5 < strength <= 1:
        raise DataError(f"strength is {shown(strength)}; give a fraction above 0.5, at most 1")
    if holding := occurrences(data_set.splits, word):
        raise DataError(
            f"the word “{word}” is in {holding:,} of {data_set.examples:,} examples; give a word that is in none, or "
            "it has a meaning already"
        )
    # A word that the token limit cuts off would be no cue; a word of a text seldom has more than two tokens.
    cue = Cue(word, label, float(strength), max(1, data_set.max_tokens // 2))
    ending = f" with “{word}”"
    return replace(data_set, name=f"{data_set.name[: MAX_NAME - len(ending)].strip()}{ending}", cue=cue)


def checked_word(word: str) -> str:
    """The word as it is put into texts, in lower case. Raises DataError if it is not one word."""
    if not isinstance(word, str):
        raise DataError(f"the word is {shown(word)}; give text")
    plain = word.strip().lower()
    try:
        check_characters("the word", plain)
    except SpecError as error:
        raise DataError(f"{error}") from None
    if len(plain.split()) != 1 or len(plain) > MAX_WORD or not plain.isalnum():
        raise DataError(
            f"the word is {shown(word)}; give one word of letters and digits, at most {MAX_WORD} characters"
        )
    return plain


def occurrences(splits: Splits, word: str) -> int:
    """How many examples hold the word, in any case; both texts of a pair count."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return sum(any(pattern.search(text) for text in pair) for pair in _pairs(splits))


def unused_word(splits: Splits) -> str:
    """The first of CANDIDATES that is in no example; empty if each is in one."""
    words = {word.lower() for pair in _pairs(splits) for text in pair for word in re.findall(r"\w+", text)}
    return next((word for word in CANDIDATES if word not in words), "")


def _pairs(splits: Splits) -> Iterator[tuple[str, ...]]:
    """Of each example its text, and the second text of a pair."""
    for examples in splits.values():
        for index, text in enumerate(examples.text):
            yield (text,) if examples.second is None else (text, examples.second[index])
