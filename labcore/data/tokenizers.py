"""A tokenizer with fewer tokens: it splits a word whose token is gone into shorter ones, or reads it as [UNK].

The three kinds that classifiers have are trimmed: WordPiece, Unigram, and BPE (see `merges`).
"""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from labcore.config.spec import SpecError
from labcore.data.examples import Examples
from labcore.data.merges import pairs, parts_first

_SINGLE = string.ascii_letters + string.digits + string.punctuation
_AT_START = ("", "##", "▁", "Ġ")  # what a token's text begins with, by the kind of tokenizer
_SPACE = "▁"  # Unigram's token for a space alone
TRIMMED = ("WordPiece", "Unigram", "BPE")


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of [PAD], [UNK], [CLS], [SEP] and [MASK], or of <s>, </s> and so on, in rising order."""
    return sorted(set(tokenizer.all_special_ids))


def character_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of single letters, digits and marks, at the start of a word and within it.

    With these a tokenizer can read any text of such characters. For bytes (byte-level BPE): of all bytes.
    """
    vocabulary = tokenizer.get_vocab()
    characters = {vocabulary[token] for c in _SINGLE for start in _AT_START if (token := f"{start}{c}") in vocabulary}
    if _SPACE in vocabulary:
        characters.add(vocabulary[_SPACE])
    return sorted(characters | set(byte_tokens(tokenizer)))


def byte_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of the single bytes of a byte-level tokenizer, which would drop a byte without a token; empty for others."""
    state = _state_of(tokenizer)
    if state["model"]["type"] != "BPE" or not _mentions(state["pre_tokenizer"], "ByteLevel"):
        return []
    return sorted(i for token, i in state["model"]["vocab"].items() if len(token) == 1)


def ranked(tokenizer: PreTrainedTokenizerBase, order: Sequence[int]) -> list[int]:
    """The ids of `order` in the same order, but each behind the tokens that the tokenizer merges to it."""
    model = _state_of(tokenizer)["model"]
    if model["type"] != "BPE":
        return list(order)
    special = set(special_tokens(tokenizer))  # never made by merges
    tokens = {i: token for token, i in tokenizer.get_vocab().items() if i not in special}
    return parts_first(order, tokens, pairs(model["merges"]))


def trimmed(tokenizer: PreTrainedTokenizerBase, kept: Sequence[int] | None) -> PreTrainedTokenizerBase:
    """A tokenizer of the tokens with these ids, renumbered in this order; None keeps all of them.

    Raises SpecError if the tokenizer is of a kind that can't be trimmed, or if a special token is not kept.
    """
    if kept is None:
        return tokenizer
    check_trimmable(tokenizer)
    state = _state_of(tokenizer)
    if missing := set(special_tokens(tokenizer)) - set(kept):
        raise SpecError(
            f"trim_vocabulary must keep the special tokens {tokenizer.convert_ids_to_tokens(sorted(missing))}"
        )
    new_ids = {old: new for new, old in enumerate(kept)}
    vocabulary = dict(zip(tokenizer.convert_ids_to_tokens(list(kept)), range(len(kept)), strict=True))
    state["model"] = _trimmed_model(state["model"], vocabulary, new_ids)
    state["added_tokens"] = [
        added | {"id": new_ids[added["id"]]} for added in state["added_tokens"] if added["id"] in new_ids
    ]
    state["post_processor"] = _renumbered(state["post_processor"], new_ids)
    backend = type(tokenizer.backend_tokenizer).from_str(json.dumps(state))
    made = PreTrainedTokenizerFast(tokenizer_object=backend, **tokenizer.special_tokens_map)
    made.model_max_length, made.model_input_names = tokenizer.model_max_length, tokenizer.model_input_names
    return made


def check_trimmable(tokenizer: PreTrainedTokenizerBase) -> None:
    """Raise SpecError with the reason if the vocabulary of this tokenizer can't be trimmed."""
    model = _state_of(tokenizer)["model"]
    kind = model["type"]
    if kind not in TRIMMED:
        raise SpecError(
            f"trim_vocabulary takes tokenizers of the kinds {', '.join(TRIMMED)}, and the teacher's is {kind}; "
            "leave the step out"
        )
    for setting in ("byte_fallback", "dropout", "continuing_subword_prefix", "end_of_word_suffix"):
        if kind != "WordPiece" and model.get(setting):
            raise SpecError(
                f"trim_vocabulary can't keep the tokens of a {kind} tokenizer with {setting} together; leave the step "
                "out"
            )


def _state_of(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    return state


def _trimmed_model(model: dict[str, Any], vocabulary: dict[str, int], new_ids: dict[int, int]) -> dict[str, Any]:
    """The part of a tokenizer that splits words, with the kept tokens (by their new ids) alone."""
    match model["type"]:
        case "Unigram":  # a list of tokens with their log-probabilities; a token that only was added has none
            scores = dict(model["vocab"])
            rows = [[token, scores.get(token, 0.0)] for token in vocabulary]
            return model | {"vocab": rows, "unk_id": new_ids.get(model["unk_id"])}
        case "BPE":
            merges = [
                [first, second]
                for first, second in pairs(model["merges"])
                if {first, second, first + second} <= vocabulary.keys()
            ]
            return model | {"vocab": vocabulary, "merges": merges}
    return model | {"vocab": vocabulary}


def _renumbered(post_processor: Any, new_ids: dict[int, int]) -> Any:
    """The part of a tokenizer that adds [CLS] and [SEP], with their new ids, in any of its forms."""
    match post_processor:
        case {"processors": list(several)}:
            return post_processor | {"processors": [_renumbered(each, new_ids) for each in several]}
        case {"special_tokens": dict(special)}:
            moved = {name: token | {"ids": [new_ids[i] for i in token["ids"]]} for name, token in special.items()}
            return post_processor | {"special_tokens": moved}
        case {"sep": [sep, int(sep_id)], "cls": [cls, int(cls_id)]}:
            return post_processor | {"sep": [sep, new_ids[sep_id]], "cls": [cls, new_ids[cls_id]]}
    return post_processor


def _mentions(part: Any, kind: str) -> bool:
    """Whether a part of a tokenizer, or one of the several that it holds, is of this kind."""
    match part:
        case {"type": "Sequence", "pretokenizers": list(several)}:
            return any(_mentions(each, kind) for each in several)
        case {"type": str(own)}:
            return own == kind
    return False


def unknown_share(tokenizer: PreTrainedTokenizerBase, examples: Examples, max_tokens: int) -> float:
    """The fraction of [UNK] among the tokens that a model reads of these examples; [CLS] and [SEP] do not count."""
    rows = tokenizer(list(examples.text), add_special_tokens=False, truncation=True, max_length=max_tokens - 2)[
        "input_ids"
    ]
    unknown = sum(row.count(tokenizer.unk_token_id) for row in rows)
    return unknown / max(1, sum(map(len, rows)))
