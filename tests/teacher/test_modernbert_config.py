"""A ModernBERT's config, as the hub and as transformers write it: read, or refused by a field's name and the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import CONFIG_MAPPING, AutoModelForMaskedLM, AutoModelForSequenceClassification

from labcore.models import encoder
from labcore.models.architecture import Architecture
from labcore.models.family import architecture_in
from labcore.teacher.config_file import read_config
from labcore.teacher.load import TeacherError, load_teacher
from tests.shared.brought_teachers import configure
from tests.shared.tiny_families import family_examples, padded, tiny_family
from tests.shared.tiny_tokenizers import tokenizer_of

FULL = "full_attention"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_family("modernbert").save_pretrained(tmp_path)
    tokenizer_of("modernbert").save_pretrained(tmp_path)
    return tmp_path


def test_a_config_of_the_first_releases_is_read_as_transformers_does(folder: Path) -> None:
    """The published checkpoints name a base for near and far layers, and every how many layers one is far."""
    config = json.loads((folder / "config.json").read_text())
    for field in ("layer_types", "rope_parameters"):
        del config[field]
    old: dict[str, Any] = {"global_attn_every_n_layers": 2, "global_rope_theta": 900.0, "local_rope_theta": 20.0}
    old |= {"position_embedding_type": "absolute", "layer_norm_eps": 1e-5, "reference_compile": False}
    (folder / "config.json").write_text(json.dumps(config | old))
    teacher, usual = load_teacher(str(folder)), AutoModelForSequenceClassification.from_pretrained(folder)
    assert teacher.config.layer_types == ["full_attention", "sliding_attention", "full_attention"]
    assert teacher.config.rope_parameters["sliding_attention"]["rope_theta"] == 20.0
    ids, mask = padded(family_examples(teacher))
    with torch.no_grad():
        expected = usual(input_ids=ids, attention_mask=mask.long()).logits
        torch.testing.assert_close(encoder.forward(teacher, ids, mask).logits, expected, atol=2e-5, rtol=1e-5)
    assert (teacher.config.cls_token_id, teacher.config.sep_token_id) == (2, 3)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("deterministic_flash_attn", True, "only some GPUs have"),
        ("classifier_activation", "relu", "another activation"),
        ("rope_scaling", {"rope_type": "linear", "factor": 2.0}, "scaled"),
        ("head_dim", 8, "a width of their own"),
        ("sliding_window", 3, "a second window"),
        ("classifier_pooling", "max", "must be cls or mean"),
        ("layer_types", ["full_attention", "chunked_attention", "full_attention"], "must be a list of"),
        ("layer_types", ["full_attention"], "num_hidden_layers 3, but layer_types of 1 layers"),
        ("rope_parameters", {"rope_type": "default", "rope_theta": 10.0}, "must have an entry for"),
        ("rope_parameters", {FULL: {"rope_type": "yarn", "factor": 2.0}}, "give a model with rope_type default"),
        ("rope_parameters", {FULL: {"rope_theta": 0}}, "must be a number above 0"),
        ("rope_parameters", {FULL: 5}, "must hold a rope_theta"),
        ("global_rope_theta", "far", "must be a number above 0"),
        ("local_attention", 0, "must be a whole number"),
        ("norm_bias", "no", "must be true or false"),
        ("num_attention_heads", 16, "rotates its dimensions in pairs"),
        ("pad_token_id", 60, "must be one of the 60 rows"),
    ],
)
def test_a_field_that_the_forward_pass_does_not_follow_is_refused(
    folder: Path, field: str, value: object, reason: str
) -> None:
    configure(folder, **{field: value})
    with pytest.raises(TeacherError, match=reason) as refused:
        load_teacher(str(folder))
    assert field in str(refused.value)


def test_a_config_of_a_billion_layers_is_refused_before_it_lists_them(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    del config["layer_types"]
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 10**9}))
    with pytest.raises(TeacherError, match=r"num_hidden_layers in .*1000000000"):
        load_teacher(str(folder))


def test_a_base_without_a_classifier_is_named(folder: Path) -> None:
    config = CONFIG_MAPPING["modernbert"](**json.loads((folder / "config.json").read_text()))
    AutoModelForMaskedLM.from_config(config).save_pretrained(folder)
    configure(folder, architectures=["ModernBertForSequenceClassification"])
    with pytest.raises(TeacherError, match=r"no weights for classifier.*give a ModernBERT that was fine-tuned"):
        load_teacher(str(folder))


# Every field of the config.json that was published with ModernBERT-base, for a classifier.
PUBLISHED: dict[str, Any] = {
    "architectures": ["ModernBertForSequenceClassification"], "model_type": "modernbert", "torch_dtype": "float32",
    "attention_bias": False, "classifier_bias": False, "decoder_bias": True, "mlp_bias": False, "norm_bias": False,
    "attention_dropout": 0.0, "classifier_dropout": 0.0, "embedding_dropout": 0.0, "mlp_dropout": 0.0,
    "bos_token_id": 50281, "cls_token_id": 50281, "eos_token_id": 50282, "sep_token_id": 50282, "pad_token_id": 50283,
    "classifier_activation": "gelu", "classifier_pooling": "mean", "hidden_activation": "gelu",
    "deterministic_flash_attn": False, "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0,
    "gradient_checkpointing": False, "hidden_size": 768, "initializer_cutoff_factor": 2.0, "initializer_range": 0.02,
    "intermediate_size": 1152, "layer_norm_eps": 1e-05, "local_attention": 128, "local_rope_theta": 10000.0,
    "max_position_embeddings": 8192, "norm_eps": 1e-05, "num_attention_heads": 12, "num_hidden_layers": 22,
    "position_embedding_type": "absolute", "tie_word_embeddings": True, "vocab_size": 50368,
}  # fmt: skip

# Fields that a ModernBERT does not read, and bases that are in `rope_parameters` today.
OTHERS = {
    "torch_dtype", "gradient_checkpointing", "position_embedding_type", "layer_norm_eps", "global_rope_theta",
    "local_rope_theta", "global_attn_every_n_layers",
}  # fmt: skip


def test_the_published_config_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED))
    config = read_config(tmp_path)
    assert architecture_in(config) == Architecture(
        768, 22, 12, 1152, vocabulary=50_368, positions=8192, token_types=0, family="modernbert"
    )
    usual = CONFIG_MAPPING["modernbert"].from_dict(PUBLISHED)
    for field in ("layer_types", "rope_parameters", "sliding_window", *PUBLISHED.keys() - OTHERS):
        assert getattr(config, field) == getattr(usual, field), field
    assert [i for i, kind in enumerate(config.layer_types) if kind == FULL] == list(range(0, 22, 3))
