"""Only `labcore.models` knows where a model family keeps its submodules."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcore.models.family import FAMILIES, Family
from tests.shared.family_names import OTHER_MEANINGS, FamilyNames
from tests.shared.source_files import FILES, module_of

NAMES = FamilyNames(FAMILIES.values())


@pytest.mark.parametrize("file", [f for f in FILES if not module_of(f).startswith("labcore.models.")], ids=module_of)
def test_no_other_module_names_a_familys_submodules(file: Path) -> None:
    assert NAMES.breaches(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "breach"),
    [
        ("x = model.bert", ".bert"),
        ("model.base_model.pooler.requires_grad_(False)", ".pooler"),
        ("model.classifier.weight", ".classifier"),
        ("for layer in model.base_model.encoder.layer: pass", ".encoder.layer"),
        ("last = parts.encoder.layer[2].output.LayerNorm", ".output.LayerNorm"),
        ("one = layers[0].attention.self", ".attention.self"),
        ("one = layers[0].intermediate.dense.weight", ".intermediate.dense"),
        ("table = parts.embeddings.word_embeddings", ".embeddings.word_embeddings"),
        ("module = model.get_submodule('bert')", "bert"),
        ("name = f'{prefix}.attention.self.query.weight'", "attention.self"),
        ("name = f'bert.encoder.layer.{i}'", "bert.encoder.layer."),
        ("here = name.startswith(('bert.', 'cls.'))", "bert"),
        ("exclude = ['pooler.dense']", "pooler.dense"),
        ("module = getattr(model, 'pooler')", "pooler"),
        ("text = 'the table word_embeddings'", "word_embeddings"),
        ("layer = student.model.model.layers[0]", ".model.layers"),
        ("module = model.get_submodule(f'model.layers.{i}')", "model.layers"),
        ("rows = layer.attn.Wqkv.weight", ".Wqkv"),
        ("norm = model.get_submodule('head.norm')", "head.norm"),
        ("from transformers import BertModel", "BertModel"),
        ("from transformers.models.bert.modeling_bert import BertLayer", "BertLayer"),
    ],
)
def test_a_planted_name_is_seen(source: str, breach: str) -> None:
    assert f"2: {breach}" in NAMES.breaches(f"import torch\n{source}\n")


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring may explain attention.self.query of BERT."""',
        "from labcore.models import encoder\npath, module = encoder.word_embeddings(model)",
        'kind = "bert"\nparts = {"pooler": 1, "classifier": 2, "encoder": 3, "embeddings": 4}',
        "width = architecture.intermediate + step.embeddings",
        'text = "LayerNorm among them; a fine-tuned BertForSequenceClassification"',
        "sizes = config.num_attention_heads, config.hidden_size",
        "layer.query, layer.key, layer.value, layer.output",
        "layers = student.model.architecture.layers",
        'files = ["model.safetensors"]',
    ],
)
def test_what_names_no_submodule_is_left_alone(source: str) -> None:
    assert NAMES.breaches(source) == []


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_every_submodule_of_the_data_is_searched_for(family: Family) -> None:
    paths = [family.layers, *family.layer.matrices.values(), family.head.pooled, family.head.logits]
    paths += [path for path in vars(family.embeddings).values() if path is not None]
    paths += [family.body] * (family.body not in OTHER_MEANINGS)
    for path in (*paths, family.layer.attention_norm):
        assert NAMES.breaches(f"module = some_model.{path}.weight"), path
        assert NAMES.breaches(f"module = some_model.get_submodule('{path}')"), path
