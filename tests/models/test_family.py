"""A family is data: names follow from its paths, and one more entry is enough for one more family."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
import torch
from transformers import BertConfig, RobertaConfig

from labcore.models import classifier, encoder, family
from labcore.models.architecture import ROLES, Architecture
from labcore.models.family import BERT, Family

SIZES = Architecture(hidden=16, layers=3, heads=4, intermediate=24, vocabulary=50, positions=60, labels=3)


def renamed(data: Any, old: str, new: str) -> Any:
    """The same data with the first module of each path renamed."""
    changes = {field.name: value(getattr(data, field.name), old, new) for field in fields(data)}
    return replace(data, **changes)


def value(of: Any, old: str, new: str) -> Any:
    if is_dataclass(of):
        return renamed(of, old, new)
    return of.replace(f"{old}.", f"{new}.") if isinstance(of, str) else of


ERNIE: Family = replace(renamed(BERT, "bert", "ernie"), model_type="ernie", body="ernie")


def test_each_parameter_has_a_part_a_layer_and_a_role() -> None:
    model = classifier.build(SIZES)
    names = [name for name, _ in model.named_parameters()]
    assert {BERT.part_of(name) for name in names} == {"embeddings", "encoder", "pooler", "classifier"}
    assert {BERT.layer_of(name) for name in names} == {None, 0, 1, 2}
    in_encoder = [name for name in names if BERT.part_of(name) == "encoder"]
    assert all(BERT.in_layer(name, 0) in names for name in in_encoder)
    assert [BERT.role_of(path) for path in encoder.encoder_matrices(model)] == 3 * list(ROLES)
    assert BERT.role_of(BERT.layers + ".0." + BERT.layer.attention_norm) is None
    with pytest.raises(ValueError, match="in no part"):
        BERT.part_of("lm_head.weight")


def test_the_sizes_follow_from_the_tensors() -> None:
    model = classifier.build(SIZES)
    sizes = BERT.sizes_from({name: tuple(tensor.shape) for name, tensor in model.state_dict().items()})
    assert sizes.pop("num_labels") == SIZES.labels
    assert sizes == {name: getattr(model.config, name) for name in sizes}
    assert len(sizes) == len(BERT.sizes) - 1  # no tensor's shape holds the number of heads


def test_another_family_is_rejected_by_name() -> None:
    with pytest.raises(ValueError, match="'roberta'"):
        family.family_of(RobertaConfig())


@pytest.mark.parametrize("all_tokens", [False, True])
@pytest.mark.parametrize("tokens", [9, encoder.SHORT + 3])
def test_one_more_entry_is_one_more_family(monkeypatch: pytest.MonkeyPatch, all_tokens: bool, tokens: int) -> None:
    monkeypatch.setitem(family.FAMILIES, "ernie", ERNIE)
    model = classifier.build(SIZES, classifier.config_from({"model_type": "ernie"}))
    classifier.initialise_randomly(model, seed=1).eval()
    ids = torch.arange(2 * tokens).reshape(2, tokens) % 45 + 5
    mask = torch.ones(2, tokens, dtype=torch.bool)
    mask[1, 6:] = False
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True)
        output = encoder.forward(model, ids, mask, all_tokens=all_tokens)
    torch.testing.assert_close(output.logits, expected.logits, atol=1e-5, rtol=1e-5)
    for states, reference in zip(output.states, expected.hidden_states[1:], strict=True):
        torch.testing.assert_close(states[0], (reference if all_tokens else reference[:, 0])[0], atol=1e-5, rtol=1e-5)
    assert encoder.architecture_of(model) == SIZES
    assert encoder.heads_in(model, 0) == (SIZES.heads, SIZES.hidden // SIZES.heads)


def test_only_classifiers_of_a_known_family_are_classifiers() -> None:
    model = classifier.build(SIZES)
    assert classifier.is_classifier(model)
    assert not classifier.is_classifier(model.base_model)
    assert not classifier.is_classifier(BertConfig())
