"""Which layers are kept, and that they are the teacher's own."""

from __future__ import annotations

import copy

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.steps import KeepLayers
from labcore.config.steps.keep_layers import picked_layers


def test_picked_layers() -> None:
    assert picked_layers(6, 3, "even") == (1, 3, 5)
    assert picked_layers(6, 2, "even") == (2, 5)
    assert picked_layers(12, 4, "even") == (2, 5, 8, 11)
    assert picked_layers(6, 4, "even") == (0, 2, 3, 5)
    assert picked_layers(6, 2, "first") == (0, 1)
    assert picked_layers(6, 2, "last") == (4, 5)
    assert picked_layers(6, 6, "even") == tuple(range(6))


@given(st.integers(1, 24), st.data())
def test_even_layers_rise_and_end_with_the_last(available: int, data: st.DataObject) -> None:
    kept = picked_layers(available, data.draw(st.integers(1, available)), "even")
    assert kept == tuple(sorted(set(kept)))
    assert kept[-1] == available - 1


def test_kept_layers_are_the_teachers_and_are_used(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [KeepLayers(layers=(1, 3))]).model
    of_teacher, of_student = tiny.state_dict(), student.state_dict()
    assert all(
        torch.equal(of_student[f"bert.encoder.layer.0.{rest}"], of_teacher[f"bert.encoder.layer.1.{rest}"])
        for rest in ("output.dense.weight", "attention.self.query.bias")
    )
    by_hand = copy.deepcopy(tiny)
    by_hand.bert.encoder.layer = nn.ModuleList([by_hand.bert.encoder.layer[1], by_hand.bert.encoder.layer[3]])
    ids = torch.tensor([[2, 7, 9, 11, 3]])
    assert torch.equal(student(ids).logits, by_hand(ids).logits)
    assert student.config.num_hidden_layers == 2
