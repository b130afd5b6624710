"""A tokenizer with fewer word pieces: a word whose piece is gone is spelled with shorter ones, or is [UNK]."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from labcore.config.spec import SpecError
from labcore.data.tasks import Examples

_SINGLE = string.ascii_letters + string.digits + string.punctuation


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
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
    if missing := set(special_tokens(tokenizer)) - set(kept):
        raise SpecError(
            f"trim_vocabulary must keep the special pieces {tokenizer.convert_ids_to_tokens(sorted(missing))}"
        )
    places = {old: new for new, old in enumerate(kept)}
    state["model"]["vocab"] = {tokenizer.convert_ids_to_tokens(old): new for old, new in places.items()}
    state["added_tokens"] = [
        added | {"id": places[added["id"]]} for added in state["added_tokens"] if added["id"] in places
    ]
    state["post_processor"] = _renumbered(state["post_processor"], places)
    backend = type(tokenizer.backend_tokenizer).from_str(json.dumps(state))
    made = PreTrainedTokenizerFast(tokenizer_object=backend, **tokenizer.special_tokens_map)
    made.model_max_length, made.model_input_names = tokenizer.model_max_length, tokenizer.model_input_names
    return made


def _renumbered(post_processor: Any, places: dict[int, int]) -> Any:
    """The piece of a tokenizer that adds [CLS] and [SEP], with their new numbers, in whichever of its two forms."""
    match post_processor:
        case {"special_tokens": dict(special)}:
            moved = {name: token | {"ids": [places[i] for i in token["ids"]]} for name, token in special.items()}
            return post_processor | {"special_tokens": moved}
        case {"sep": [sep, int(sep_id)], "cls": [cls, int(cls_id)]}:
            return post_processor | {"sep": [sep, places[sep_id]], "cls": [cls, places[cls_id]]}
    return post_processor


def unknown_share(tokenizer: PreTrainedTokenizerBase, examples: Examples, max_tokens: int) -> float:
    """The share of [UNK] among the word pieces that are read of these texts; [CLS] and [SEP] are read but not counted."""
    texts = list(examples.texts)
    rows = tokenizer(texts, add_special_tokens=False, truncation=True, max_length=max_tokens - 2)["input_ids"]
    unknown = sum(row.count(tokenizer.unk_token_id) for row in rows)
    return unknown / max(1, sum(map(len, rows)))
