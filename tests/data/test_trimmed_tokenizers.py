"""A trimmed tokenizer of each kind: kept tokens are read as before, and every text can still be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast, RobertaTokenizer

from labcore.config.spec import SpecError
from labcore.data.merges import last_merge, pairs, parts_first
from labcore.data.tokenizers import byte_tokens, check_trimmable, ranked, special_tokens, trimmed
from tests.shared.tiny_tokenizers import OTHERS, phrases, tokenizer_of

KINDS = ("bert", "mpnet", "roberta", "xlm-roberta", "camembert")


def byte_level(size: int = 400) -> PreTrainedTokenizerBase:
    """Byte-level BPE with all 256 bytes, as RoBERTa's."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator((*phrases(), *OTHERS), trainer)
    model = json.loads(made.to_str())["model"]
    return RobertaTokenizer(
        vocab=model["vocab"] | {"<mask>": len(model["vocab"])}, merges=[tuple(merge) for merge in model["merges"]]
    )


BYTES = byte_level()


def by_frequency(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    stay = {*special_tokens(tokenizer), *byte_tokens(tokenizer)}
    rows = tokenizer(list(phrases()))["input_ids"]
    usage = [sum(row.count(i) for row in rows) for i in range(len(tokenizer))]
    return sorted(range(len(tokenizer)), key=lambda i: (i not in stay, -usage[i]))


@pytest.mark.parametrize("kind", [*KINDS, "bytes"])
def test_phrases_of_kept_tokens_are_read_as_before(kind: str, tmp_path: Path) -> None:
    tokenizer = BYTES if kind == "bytes" else tokenizer_of(kind)
    order = ranked(tokenizer, by_frequency(tokenizer))
    assert sorted(order) == list(range(len(tokenizer)))
    unchanged = 0
    for size in range(len({*special_tokens(tokenizer), *byte_tokens(tokenizer)}), len(tokenizer), 5):
        kept = sorted(order[:size])
        own = trimmed(tokenizer, kept)
        assert len(own) == size
        for text in (*phrases()[:40], *OTHERS[:40]):
            before, after = tokenizer(text)["input_ids"], own(text)["input_ids"]
            assert (after[0], after[-1]) == (own.cls_token_id, own.sep_token_id)
            if set(before) <= set(kept):
                assert [kept[i] for i in after] == before
                unchanged += 1
            elif kind == "bytes":
                assert own.decode(after, skip_special_tokens=True) == text
    assert unchanged > 100
    own.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    rows = [list(phrases()), list(OTHERS)]
    assert all(again(column)["input_ids"] == own(column)["input_ids"] for column in rows)
    assert (again.pad_token_id, again.unk_token) == (own.pad_token_id, tokenizer.unk_token)


@settings(max_examples=200)
@given(text=st.text(max_size=30), size=st.integers(261, 400))
def test_bytes_of_any_text_are_kept(text: str, size: int) -> None:
    """Also of a text in another script; and where all its tokens are kept, they are the same."""
    kept = ranked(BYTES, by_frequency(BYTES))[:size]
    own = trimmed(BYTES, kept)
    before, after = (each(text, add_special_tokens=False)["input_ids"] for each in (BYTES, own))
    joined = ["".join(BYTES.convert_ids_to_tokens(before)), "".join(own.convert_ids_to_tokens(after))]
    assert joined[0] == joined[1]
    if set(before) <= set(kept):
        assert [kept[i] for i in after] == before


def test_a_token_may_be_made_in_two_ways() -> None:
    """Of a·bc (rank 2) and ab·c (rank 3), the second makes "abc", because a·b comes first."""
    merges = [("a", "b"), ("b", "c"), ("a", "bc"), ("ab", "c")]
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    assert last_merge("abc", ranks) == ("ab", "c")
    assert last_merge("a", ranks) is None
    assert last_merge("ca", ranks) is None
    tokens = dict(enumerate(["a", "b", "c", "ab", "bc", "abc"]))
    assert parts_first([5, 4, 3, 2, 1, 0], tokens, merges) == [0, 1, 3, 2, 5, 4]
    assert pairs(["a b", ["b", "c"]]) == [("a", "b"), ("b", "c")]


def test_what_cannot_be_trimmed_is_refused_with_the_reason() -> None:
    special = {"unk_token": "<unk>", "pad_token": "<unk>", "cls_token": "<unk>", "sep_token": "<unk>"}
    words = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1}, unk_token="<unk>"))
    with pytest.raises(SpecError, match="WordPiece, Unigram, BPE, and the teacher's is WordLevel"):
        check_trimmable(PreTrainedTokenizerFast(tokenizer_object=words, **special))
    fallback = Tokenizer(models.BPE({"<unk>": 0, "a": 1}, [], unk_token="<unk>", byte_fallback=True))
    with pytest.raises(SpecError, match="byte_fallback"):
        check_trimmable(PreTrainedTokenizerFast(tokenizer_object=fallback, **special))
