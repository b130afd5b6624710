"""The lab's forward pass and its gradients are those of transformers."""

from __future__ import annotations

import copy

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.evaluate.metrics import predict
from labcore.models import encoder
from tests.shared.tiny import tiny_examples


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("short", [0, 48])  # our own two matrix products, and torch's kernel
def test_forward_is_that_of_transformers(
    tiny: BertForSequenceClassification, attention: str, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "SHORT", short)
    tiny.set_attn_implementation(attention)
    encoded = tiny_examples(40)
    width = max(map(len, encoded.tokens))
    ids = torch.tensor([row + (0,) * (width - len(row)) for row in encoded.tokens])
    mask = ids != 0
    with torch.no_grad():
        expected = tiny(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True)
        at_cls, at_all = encoder.forward(tiny, ids, mask), encoder.forward(tiny, ids, mask, all_tokens=True)
    for output in (at_cls, at_all):
        torch.testing.assert_close(output.logits, expected.logits)
    for cls, everywhere, state in zip(at_cls.states, at_all.states, expected.hidden_states[1:], strict=True):
        torch.testing.assert_close(cls, state[:, 0])
        torch.testing.assert_close(everywhere[mask], state[mask])
    attention_of_last = tiny.bert.encoder.layer[-1].attention.self
    below = expected.hidden_states[-2][mask]
    for output, matrix in zip(at_all.relations, ("query", "key", "value"), strict=True):
        torch.testing.assert_close(output[mask], getattr(attention_of_last, matrix)(below).detach())
    torch.testing.assert_close(predict(tiny, encoded), expected.logits)


def test_gradients_are_those_of_transformers(tiny: BertForSequenceClassification) -> None:
    ids = torch.tensor([[2, 7, 9, 11, 3, 0, 0], [2, 8, 8, 40, 41, 42, 3]])
    mask = ids != 0
    other = copy.deepcopy(tiny)
    encoder.forward(tiny, ids, mask).logits.square().sum().backward()
    other(input_ids=ids, attention_mask=mask.long()).logits.square().sum().backward()
    for (name, first), second in zip(tiny.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(first.grad, second.grad, msg=lambda text, name=name: f"{name}: {text}")
