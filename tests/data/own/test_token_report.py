"""Token lengths and [UNK], counted by hand with a small tokenizer."""

from __future__ import annotations

import pytest
from transformers import BertTokenizerFast

from labcore.data.examples import Examples
from labcore.data.own.token_report import token_report
from tests.shared.tiny import WORDS

TOKENIZER = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})


def examples(*lengths: int, word: str = "w1") -> Examples:
    return Examples(tuple(" ".join([word] * length) for length in lengths), (0,) * len(lengths))


def test_figures_by_hand() -> None:
    report = token_report(examples(*range(1, 101)), TOKENIZER, 64)  # 3 to 102 tokens
    assert (report.median, report.most_of_95, report.longest) == (52, 97, 102)
    assert report.mean == pytest.approx(52.5)
    assert report.mean_read == pytest.approx((sum(range(3, 65)) + 38 * 64) / 100)
    assert report.truncated == pytest.approx(0.38)
    assert (report.unknown, report.suggested, report.examples) == (0, 64, 100)
    assert report.warnings == ("38% of the examples have more than 64 tokens; the model reads no further.",)
    assert token_report(examples(*range(1, 101)), TOKENIZER, 512).suggested == 128
    assert token_report(examples(3, 4), TOKENIZER, 512).suggested == 32


def test_unknown_tokens_of_both_texts_count() -> None:
    half = token_report(Examples(("w1", "w2"), (0, 1), ("映", "映")), TOKENIZER, 24)
    assert half.unknown == 0.5
    assert half.longest == 5
    assert "50.0% of the tokens are [UNK]" in half.warnings[0]


def test_many_examples_are_thinned() -> None:
    assert token_report(examples(*[2] * 9000), TOKENIZER, 24).examples == 4000
