"""Accuracy and agreement by hand, and a prediction without dropout."""

from __future__ import annotations

import torch
from transformers import BertForSequenceClassification

from labcore.data.batches import evaluation_batches
from labcore.evaluate.metrics import accuracy, agreement, predict
from tests.shared.tiny import tiny_examples


def test_accuracy_and_agreement_by_hand() -> None:
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [0.0, 3.0]])
    teacher = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert accuracy(logits, torch.tensor([0, 1, 1, 1])) == 0.75
    assert agreement(logits, teacher) == 0.75


def test_predict_has_no_dropout_and_puts_the_mode_back(tiny: BertForSequenceClassification) -> None:
    encoded = tiny_examples(80)
    tiny.train()
    first = predict(tiny, encoded)
    assert tiny.training
    assert torch.equal(first, predict(tiny, encoded))
    one = next(iter(evaluation_batches(encoded, 1)))
    tiny.eval()
    torch.testing.assert_close(first[one.index], tiny(one.ids).logits.detach(), atol=1e-5, rtol=1e-4)
