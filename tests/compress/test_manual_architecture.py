"""A student of given sizes: what is left out is halved, and a random start is drawn as transformers draws it."""

from __future__ import annotations

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.steps import Manual
from labcore.models import encoder
from tests.shared.tiny import TINY, bytes_of


def test_manual_halves_what_is_left_out(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Manual()]).model
    assert encoder.architecture_of(student).__dict__ == TINY.__dict__ | {
        "hidden": 8,
        "layers": 2,
        "heads": 2,
        "intermediate": 16,
    }
    assert student.bert.encoder.layer[0].intermediate.dense.weight.shape == (16, 8)


def test_manual_of_the_teachers_own_sizes_is_the_teacher(tiny: BertForSequenceClassification) -> None:
    same = Manual(
        hidden=TINY.hidden, layers=TINY.layers, heads=TINY.heads, intermediate=TINY.intermediate, init="teacher"
    )
    assert bytes_of(derive(tiny, [same]).model) == bytes_of(tiny)


def test_a_random_start_is_fixed_by_the_seed(tiny: BertForSequenceClassification) -> None:
    def made(seed: int) -> dict[str, str]:
        return bytes_of(derive(tiny, [Manual()], seed=seed).model)

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_a_random_start_is_as_transformers_draws_it(tiny: BertForSequenceClassification) -> None:
    """The same spread of each parameter, the same zeros and ones, and the same buffers; from a generator of its own."""
    before = torch.get_rng_state()
    student = derive(tiny, [Manual(hidden=128, heads=4, intermediate=256)]).model
    assert torch.equal(torch.get_rng_state(), before)
    drawn = type(student)(student.config)
    for (name, a), (_, b) in zip(student.named_parameters(), drawn.named_parameters(), strict=True):
        if float(b.std(correction=0)) == 0:
            assert torch.equal(a, b), name
        else:
            assert float(a.std()) == pytest.approx(float(b.std()), rel=0.15), name
            assert abs(float(a.mean())) < 0.005, name
    for (name, a), (_, b) in zip(student.named_buffers(), drawn.named_buffers(), strict=True):
        assert torch.equal(a, b), name
    assert not student.bert.embeddings.word_embeddings.weight[0].any()  # padding
