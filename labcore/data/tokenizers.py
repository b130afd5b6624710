"""A tokenizer with fewer tokens: it splits a word whose token is gone into shorter ones, or reads it as [UNK]."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from labcore.config.spec import SpecError
from labcore.data.examples import Examples

_SINGLE = string.ascii_letters + string.digits + string.punctuation


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of [PAD], [UNK], [CLS], [SEP] and [MASK], in rising order."""
    return sorted(set(tokenizer.all_special_ids))


def character_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of single letters, digits and marks, at the start of a word and within it.

    With these a tokenizer can read any text of such characters.
    """
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary[token] for c in _SINGLE for token in (c, f"##{c}") if token in vocabulary)


def trimmed(tokenizer: PreTrainedTokenizerBase, kept: Sequence[int] | None) -> PreTrainedTokenizerBase:
    """A WordPiece tokenizer of the tokens with these ids, renumbered in this order; None keeps all of them.

    Raises SpecError if the tokenizer is not WordPiece, or if a special token is not kept.
    """
    if kept is None:
        return tokenizer
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    if state["model"]["type"] != "WordPiece":
        raise SpecError(
            f"trim_vocabulary needs a WordPiece tokenizer, and the teacher's is {state['model']['type']}; "
            "leave the step out"
        )
    if missing := set(special_tokens(tokenizer)) - set(kept):
        raise SpecError(
            f"trim_vocabulary must keep the special tokens {tokenizer.convert_ids_to_tokens(sorted(missing))}"
        )
    new_ids = {old: new for new, old in enumerate(kept)}
    state["model"]["vocab"] = {tokenizer.convert_ids_to_tokens(old): new for old, new in new_ids.items()}
    state["added_tokens"] = [
        added | {"id": new_ids[added["id"]]} for added in state["added_tokens"] if added["id"] in new_ids
    ]
    state["post_processor"] = _renumbered(state["post_processor"], new_ids)
    backend = type(tokenizer.backend_tokenizer).from_str(json.dumps(state))
    made = PreTrainedTokenizerFast(tokenizer_object=backend, **tokenizer.special_tokens_map)
    made.model_max_length, made.model_input_names = tokenizer.model_max_length, tokenizer.model_input_names
    return made


def _renumbered(post_processor: Any, new_ids: dict[int, int]) -> Any:
    """The part of a tokenizer that adds [CLS] and [SEP], with their new ids, in either of its two forms."""
    match post_processor:
        case {"special_tokens": dict(special)}:
            moved = {name: token | {"ids": [new_ids[i] for i in token["ids"]]} for name, token in special.items()}
            return post_processor | {"special_tokens": moved}
        case {"sep": [sep, int(sep_id)], "cls": [cls, int(cls_id)]}:
            return post_processor | {"sep": [sep, new_ids[sep_id]], "cls": [cls, new_ids[cls_id]]}
    return post_processor


def unknown_share(tokenizer: PreTrainedTokenizerBase, examples: Examples, max_tokens: int) -> float:
    """The fraction of [UNK] among the tokens that a model reads of these examples; [CLS] and [SEP] do not count."""
    rows = tokenizer(list(examples.text), add_special_tokens=False, truncation=True, max_length=max_tokens - 2)[
        "input_ids"
    ]
    unknown = sum(row.count(tokenizer.unk_token_id) for row in rows)
    return unknown / max(1, sum(map(len, rows)))
