"""Pairs of texts: what an example, its tokens and its batch hold of the second text, as transformers reads it."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    BertForSequenceClassification,
    BertTokenizerFast,
    PreTrainedTokenizerBase,
    RobertaTokenizerFast,
)

from labcore.compress.covariance import input_moments
from labcore.compress.importance import by_taylor
from labcore.compress.layer_outputs import SampleTokens, layer_outputs
from labcore.data.batches import Encoded, batch_of, encode, evaluation_batches
from labcore.data.examples import Examples
from labcore.data.spurious_cue import cued
from labcore.data.tokenizers import trimmed
from labcore.distil.targets import targets_key
from labcore.evaluate.metrics import predict
from labcore.models import encoder
from labcore.runs.predict import text_prediction
from labcore.runs.shortcut_test import examples_for
from labcore.runs.training_data import joined
from tests.shared.tiny import TINY, WORDS

TOKENIZER = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})


def drawn(n: int, seed: int = 0) -> Examples:
    draw = random.Random(seed)
    phrases = [" ".join(f"w{draw.randrange(50)}" for _ in range(draw.randint(1, 18))) for _ in range(2 * n)]
    return Examples(tuple(phrases[:n]), tuple(i % 2 for i in range(n)), tuple(phrases[n:]))


# -- examples ------------------------------------------------------------------------------------------


def test_the_second_text_goes_with_its_example() -> None:
    pairs = drawn(7)
    assert pairs.second is not None
    assert pairs.select([4, 1]).second == (pairs.second[4], pairs.second[1])
    assert pairs.spread(3).second == tuple(pairs.second[i] for i in (0, 2, 4))
    both = pairs.followed_by(drawn(2, 1))
    assert (len(both), both.second) == (9, pairs.second + drawn(2, 1).second)  # type: ignore[operator]
    assert cued(pairs, positive=1, negative=1).second == pairs.second
    with pytest.raises(ValueError, match="one kind"):
        pairs.followed_by(Examples(("a",), (0,)))


def test_a_fingerprint_holds_the_second_text_and_of_single_texts_is_what_it_was() -> None:
    single = Examples(("a", "b"), (0, 1))
    assert single.fingerprint == hashlib.sha256(repr((("a", "b"), (0, 1))).encode()).hexdigest()
    prints = {single.fingerprint, *(replace(single, second=each).fingerprint for each in (("", ""), ("a", "b")))}
    assert len(prints) == 3


def test_the_shortcut_test_puts_its_word_into_the_first_text() -> None:
    without, with_it = examples_for(Examples(("w1 w2", "w3", "w4 w3"), (0, 1, 0), ("w5", "w6", "w7")), "w3")
    assert (without.text, without.second) == (("w1 w2", "w4"), ("w5", "w7"))
    assert with_it.second == without.second
    assert all("w3" in text for text in with_it.text)


# -- tokens --------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(1, 12), st.integers(6, 40), st.integers(0, 50))
def test_tokens_and_types_are_transformers_own(n: int, limit: int, seed: int) -> None:
    pairs = drawn(n, seed)
    assert pairs.second is not None
    expected = TOKENIZER(
        list(pairs.text), list(pairs.second), truncation="longest_first", max_length=limit, padding=True,
        return_tensors="pt",
    )  # fmt: skip
    batch = batch_of(encode(TOKENIZER, pairs, limit), range(n))
    assert torch.equal(batch.ids, expected["input_ids"])
    assert batch.types is not None
    assert torch.equal(batch.types, expected["token_type_ids"])
    mask = torch.ones_like(batch.ids, dtype=torch.bool) if batch.mask is None else batch.mask
    assert torch.equal(mask, expected["attention_mask"].bool())


def test_single_texts_have_no_types() -> None:
    encoded = encode(TOKENIZER, Examples(("w1 w2", "w3"), (0, 1)), 24)
    assert encoded.second_from is None
    assert batch_of(encoded, [0, 1]).types is None


def test_a_tokenizer_without_types_gives_none() -> None:
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "a", "b", "Ġ"]
    tokenizer = RobertaTokenizerFast(vocab={token: i for i, token in enumerate(tokens)}, merges=[])
    encoded = encode(tokenizer, Examples(("ab",), (0,), ("b",)), 24)
    assert [tokenizer.convert_ids_to_tokens(list(row)) for row in encoded.tokens] == [
        ["<s>", "a", "b", "</s>", "</s>", "b", "</s>"]
    ]
    assert encoded.second_from is None


def test_a_smaller_vocabulary_keeps_the_types(tokenizer: PreTrainedTokenizerBase) -> None:
    fewer = trimmed(tokenizer, [*range(5), *range(8, 40)])
    pairs = Examples(("waa wab",), (0,), ("wac",))
    assert encode(fewer, pairs, 24).second_from == encode(tokenizer, pairs, 24).second_from == (4,)


def test_groups_of_pairs_are_joined_and_mixed_ones_refused() -> None:
    one, other = encode(TOKENIZER, drawn(3), 24), encode(TOKENIZER, drawn(2, 1), 24)
    assert joined([one, other]).second_from == (*one.second_from, *other.second_from)  # type: ignore[misc]
    with pytest.raises(ValueError, match="one kind"):
        joined([one, encode(TOKENIZER, Examples(("w1",), (0,)), 24)])


# -- what a model makes of them ------------------------------------------------------------------------


def test_logits_of_pairs_are_transformers_own(tiny: BertForSequenceClassification) -> None:
    with torch.no_grad():
        encoder.embedding_tables(tiny)[2].weight.mul_(20)  # so that types matter
    pairs = drawn(9)
    assert pairs.second is not None
    encoded = encode(TOKENIZER, pairs, TINY.positions)
    batch = TOKENIZER(
        list(pairs.text), list(pairs.second), truncation="longest_first", max_length=TINY.positions, padding=True,
        return_tensors="pt",
    )  # fmt: skip
    with torch.no_grad():
        expected = tiny(**batch).logits
    assert torch.allclose(predict(tiny, encoded), expected, atol=1e-5)
    assert not torch.allclose(predict(tiny, replace(encoded, second_from=None)), expected, atol=1e-2)


def test_the_cache_of_targets_tells_pairs_from_single_texts(tiny: BertForSequenceClassification) -> None:
    encoded = encode(TOKENIZER, drawn(3), 24)
    moved = replace(encoded, second_from=tuple(start - 1 for start in encoded.second_from or ()))
    keys = {
        targets_key(tiny, each, states=False, bf16=False).file
        for each in (encoded, moved, replace(encoded, second_from=None))
    }
    assert len(keys) == 3


def test_evaluation_batches_keep_each_examples_types() -> None:
    encoded = encode(TOKENIZER, drawn(20), 24)
    assert encoded.second_from is not None
    for batch in evaluation_batches(encoded, size=6):
        assert batch.types is not None
        for row, index in zip(batch.types.tolist(), batch.index.tolist(), strict=True):
            start, end = encoded.second_from[index], len(encoded.tokens[index])
            assert row == [int(start <= place < end) for place in range(len(row))]


def test_a_tokenizer_that_mixes_types_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        type(TOKENIZER), "__call__", lambda *_, **__: {"input_ids": [[2, 5, 3]], "token_type_ids": [[1, 0, 1]]}
    )
    with pytest.raises(ValueError, match="mixes"):
        encode(TOKENIZER, Examples(("w1",), (0,), ("w2",)), 24)


def test_an_encoded_pair_is_plain_data() -> None:
    assert encode(TOKENIZER, Examples(("w1",), (1,), ("w2 w3",)), 24) == Encoded(
        ((2, 6, 3, 7, 8, 3),), torch.tensor([1]), 0, (3,)
    )


def test_a_pair_of_your_own_is_predicted_as_a_test_example_is(tiny: BertForSequenceClassification) -> None:
    with torch.no_grad():
        encoder.embedding_tables(tiny)[2].weight.mul_(20)
    own = text_prediction(tiny, TOKENIZER, "w1 zzz w2", 24, "w3 w4")
    assert own.tokens == ("w1", "[UNK]", "w2", "[SEP]", "w3", "w4")
    assert (own.unknown, own.unread) == (1 / 5, "")
    [logits] = predict(tiny, encode(TOKENIZER, Examples(("w1 zzz w2",), (0,), ("w3 w4",)), 24))
    assert own.probabilities == pytest.approx(logits.double().softmax(-1).tolist())
    cut_off = text_prediction(tiny, TOKENIZER, "w1 w2 w3 w4 w5 w6", 8, "w7 w8")
    assert cut_off.tokens == ("w1", "w2", "w3", "[SEP]", "w7", "w8")
    assert cut_off.unread == "w4 w5 w6"
    assert text_prediction(tiny, TOKENIZER, "", 24, "").probabilities is None


# -- what a step computes from them --------------------------------------------------------------------


def test_calibration_reads_pairs_as_the_model_does(tiny: BertForSequenceClassification) -> None:
    """The states before the first layer, and the moments of a matrix's input, against transformers' embeddings."""
    with torch.no_grad():
        encoder.embedding_tables(tiny)[2].weight.mul_(20)
    encoded = encode(TOKENIZER, drawn(12), 24)
    tokens = SampleTokens.of(encoded)
    first, _ = layer_outputs(tiny, tokens, (0,))
    expected = []
    for batch in evaluation_batches(encoded):
        states = tiny.bert.embeddings(input_ids=batch.ids, token_type_ids=batch.types)
        expected.append(states[batch.mask] if batch.mask is not None else states.flatten(0, 1))
    assert torch.allclose(first, torch.cat(expected), atol=1e-6)
    moments = input_moments(tiny, encoded)["bert.encoder.layer.0.attention.self.query"]
    assert torch.allclose(moments.total, first.double().sum(0), atol=1e-4)
    assert torch.allclose(moments.squares, first.double().T @ first.double(), atol=1e-3)


def test_taylor_scores_depend_on_types(tiny: BertForSequenceClassification) -> None:
    with torch.no_grad():
        encoder.embedding_tables(tiny)[2].weight.mul_(20)
    encoded = encode(TOKENIZER, drawn(12), 24)
    both = [by_taylor(tiny, each)[0][0] for each in (encoded, replace(encoded, second_from=None))]
    assert not torch.allclose(*both, rtol=1e-2)
