"""Whether examples are in another script or language than a tokenizer was made for, by what it does to their words."""

from __future__ import annotations

import re

from transformers import PreTrainedTokenizerBase

from labcore.data.examples import Examples
from labcore.data.latin_script import main_script, non_latin_fraction

MANY_FOREIGN = 0.2  # fraction of the letters that are not Latin
MANY_TOKENS = 1.7  # tokens of a word: English reviews and news have 1.1, German, French or Spanish about 2
MOST = 500  # examples that are looked at, evenly spread over all
_WORD = re.compile(r"[^\W\d_]+")
_ADVICE = (
    "The lab's MiniLM was trained on English, so bring a teacher that was trained on the language of these examples."
)


def tokens_per_word(text: str, tokenizer: PreTrainedTokenizerBase) -> float:
    """The mean number of tokens of a word, which is a run of letters; 1 if there is no word."""
    words = _WORD.findall(text)
    return len(tokenizer.tokenize(" ".join(words))) / len(words) if words else 1.0


def foreign_text(examples: Examples, tokenizer: PreTrainedTokenizerBase) -> str | None:
    """A sentence on what the tokenizer does to the examples' words; None if their letters are Latin and words whole."""
    some = examples.spread(MOST)
    text = " ".join((*some.text, *(some.second or ())))
    foreign = non_latin_fraction(text)
    if foreign > MANY_FOREIGN:
        script = f" (mostly {main_script(text)})" if main_script(text) != "Latin" else ""
        return (
            f"{foreign:.0%} of the letters are not Latin{script}: the tokenizer splits their words into single "
            f"characters or [UNK]. {_ADVICE}"
        )
    tokens = tokens_per_word(text, tokenizer)
    if tokens > MANY_TOKENS:
        return (
            f"A word has {tokens:.1f} tokens on average, and about 1.1 in English: the tokenizer splits most words. "
            f"{_ADVICE}"
        )
    return None
