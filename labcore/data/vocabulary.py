"""A tokenizer with fewer word pieces: a word whose piece is gone is spelled with shorter ones, or is [UNK]."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from labcore.data.tasks import Examples
from labcore.spec import SpecError

_SINGLE = string.ascii_lowercase + string.digits + string.punctuation


def special_pieces(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of [PAD], [UNK], [CLS], [SEP] and [MASK], in rising order."""
    return sorted(set(tokenizer.all_special_ids))


def spelling_pieces(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of single letters, digits and marks, at the start of a word and within it: with these any such text can be spelled."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary[piece] for c in _SINGLE for piece in (c, f"##{c}") if piece in vocabulary)


def trimmed(tokenizer: PreTrainedTokenizerBase, kept: Sequence[int] | None) -> PreTrainedTokenizerBase:
    """A WordPiece tokenizer of the pieces with these ids, numbered anew in this order; all of them where None.

    Raises SpecError for a tokenizer that is not WordPiece, or where a special piece is not kept.
    """
    if kept is None:
        return tokenizer
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    if state["model"]["type"] != "WordPiece":
        raise SpecError(
            f"trim_vocabulary needs a WordPiece tokenizer, and the teacher's is {state['model']['type']}; leave the step out"
        )
    if missing := set(special_pieces(tokenizer)) - set(kept):
        raise SpecError(
            f"trim_vocabulary must keep the special pieces {tokenizer.convert_ids_to_tokens(sorted(missing))}"
        )
    pieces = tokenizer.convert_ids_to_tokens(list(kept))
    settings = {name: value for name, value in tokenizer.init_kwargs.items() if name in _SETTINGS}
    made = type(tokenizer)(vocab={piece: i for i, piece in enumerate(pieces)}, **settings)
    made.model_max_length = tokenizer.model_max_length
    return made


_SETTINGS = ("do_lower_case", "strip_accents", "tokenize_chinese_chars")


def unknown_share(tokenizer: PreTrainedTokenizerBase, examples: Examples) -> float:
    """The share of [UNK] among the word pieces of these texts, [CLS] and [SEP] not counted."""
    rows = tokenizer(list(examples.texts), add_special_tokens=False)["input_ids"]
    unknown = sum(row.count(tokenizer.unk_token_id) for row in rows)
    return unknown / max(1, sum(map(len, rows)))
