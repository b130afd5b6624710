"""The tokens of a word that is to be a spurious cue."""

from __future__ import annotations

from labcore.data.own.limits import DataError
from labcore.teacher.load import load_tokenizer


def tokens_of_word(word: str) -> tuple[str, ...]:
    """The word in the tokens of the lab's own pre-trained model. Raises DataError if that does not know it."""
    tokenizer = load_tokenizer()
    tokens = tuple(tokenizer.tokenize(word))
    if not tokens or tokenizer.unk_token in tokens:
        raise DataError(f"the word “{word}” is unknown to the tokenizer, so no model can see it; give an English word")
    return tokens
