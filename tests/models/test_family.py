"""A family is data: names follow from its paths, and one more entry is enough for one more family."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformers import AlbertConfig, BertConfig

from labcore.models import classifier, encoder, family
from labcore.models.architecture import Architecture
from labcore.models.family import BERT

SIZES = Architecture(hidden=16, layers=3, heads=4, intermediate=24, vocabulary=50, positions=60, labels=3)


def test_each_parameter_has_a_part_a_layer_and_a_role() -> None:
    model = classifier.build(SIZES)
    names = [name for name, _ in model.named_parameters()]
    assert {BERT.part_of(name) for name in names} == {"embeddings", "encoder", "pooler", "classifier"}
    assert {BERT.layer_of(name) for name in names} == {None, 0, 1, 2}
    in_encoder = [name for name in names if BERT.part_of(name) == "encoder"]
    assert all(BERT.in_layer(name, 0) in names for name in in_encoder)
    assert [BERT.role_of(path) for path in encoder.encoder_matrices(model)] == 3 * list(BERT.layer.roles)
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
    with pytest.raises(ValueError, match="'albert'; it takes BERT, ERNIE, RoBERTa"):
        family.family_of(AlbertConfig())


def test_one_more_entry_is_one_more_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """ERNIE's config and modules under another name, as a family that is BERT but for names would come."""
    entry = replace(family.FAMILIES["ernie"], label="Another")
    monkeypatch.setitem(family.FAMILIES, "ernie", entry)
    model = classifier.build(replace(SIZES, family="ernie"))
    classifier.initialise_randomly(model, seed=1).eval()
    ids = torch.arange(18).reshape(2, 9) % 45 + 5
    with torch.no_grad():
        torch.testing.assert_close(encoder.forward(model, ids, None).logits, model(input_ids=ids).logits)
    assert encoder.architecture_of(model) == replace(SIZES, family="ernie")
    assert "BERT, Another, RoBERTa" in family.family_labels()


def test_only_classifiers_of_a_known_family_are_classifiers() -> None:
    model = classifier.build(SIZES)
    assert classifier.is_classifier(model)
    assert not classifier.is_classifier(model.base_model)
    assert not classifier.is_classifier(BertConfig())
