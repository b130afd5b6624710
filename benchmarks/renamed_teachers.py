"""A BERT teacher's weights under the names of another family: a teacher of that family whose accuracy is known.

Positions move to the rows that the family counts from. If it has no token types, their first row is added to every
position. A bias for distances is 0. So the [CLS] states stay the same. With another activation in the head, the last
matrix is fitted again, by least squares, to the teacher's logits.

A family whose layers are not BERT's, such as ModernBERT, can't have these states: its norms stand before each half, its
neurons have gates, and positions rotate queries and keys. `benchmarks.averaging_teachers` makes a teacher of it.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import CONFIG_MAPPING, BertTokenizerFast, PreTrainedTokenizerBase

from labcore.data.batches import Encoded, encode, evaluation_batches
from labcore.data.tasks import load_task
from labcore.models import classifier, encoder
from labcore.models.classifier import Classifier
from labcore.models.family import BERT, FAMILIES
from labcore.models.family_data import Family
from labcore.runs.teacher_models import load_for, tokenizer_for

RENAMED = tuple(kind for kind, family in FAMILIES.items() if family.layer.roles == BERT.layer.roles)
FITTED_ON = 512  # training examples, for a head of another activation
RIDGE = 1e-3  # of the features' mean variance


@torch.no_grad()
def renamed(teacher: Classifier, kind: str) -> Classifier:
    """The same weights in a model of the family `kind`, in evaluation mode."""
    source, target = FAMILIES[teacher.config.model_type], FAMILIES[kind]
    sizes = source.architecture_in(teacher.config)
    config: Any = CONFIG_MAPPING[kind](pad_token_id=teacher.config.pad_token_id)
    for name, size in target.config_sizes(sizes, config).items():
        setattr(config, name, size)
    config.id2label, config.label2id = teacher.config.id2label, teacher.config.label2id
    model = classifier.initialise_randomly(classifier.build(target.architecture_in(config), config)).eval()
    given = teacher.state_dict()
    tensors = {
        name: given[_origin(name, source, target)]
        for name in model.state_dict()
        if _origin(name, source, target) in given
    }
    positions = given[f"{source.embeddings.positions}.weight"]
    if target.embeddings.token_types is None:
        positions = positions + given[f"{source.embeddings.token_types}.weight"][0]
    shifted = torch.zeros(len(positions) + target.first_position(config), positions.shape[1])
    shifted[target.first_position(config) :] = positions
    tensors[f"{target.embeddings.positions}.weight"] = shifted
    if target.relative_bias is not None:
        tensors[f"{target.relative_bias}.weight"] = torch.zeros_like(
            model.get_parameter(f"{target.relative_bias}.weight")
        )
    model.load_state_dict(tensors)
    return model


@torch.no_grad()
def fit_head(model: Classifier, teacher: Classifier, examples: Encoded) -> None:
    """Give the last matrix of the head the weights whose logits are nearest to the teacher's on these examples."""
    dense, last = encoder.head(model)
    features, wanted = [], []
    for batch in evaluation_batches(examples):
        states = encoder.forward(model, batch.ids, batch.mask).states[-1]
        features.append(encoder.head_norm(model)(encoder.head_activation(model)(dense(states))))
        wanted.append(encoder.forward(teacher, batch.ids, batch.mask).logits)
    x, y = torch.cat(features).double(), torch.cat(wanted).double()
    weight, bias = _least_squares(x, y)
    last.weight.copy_(weight)
    last.bias.copy_(bias)


def bring(kind: str, folder: Path, name: str = "reviews") -> Path:
    """A folder with the built-in teacher called `name` as a model of the family `kind`, and its tokenizer."""
    teacher, tokenizer, task = load_for(name, name).model, tokenizer_for(name), load_task(name)
    model = renamed(teacher, kind)
    if FAMILIES[kind].head.activation != FAMILIES[teacher.config.model_type].head.activation:
        fit_head(model, teacher, encode(tokenizer, task.splits["train"].spread(FITTED_ON), task.max_tokens))
    model.save_pretrained(folder)
    tokenizer_without_types(tokenizer, kind).save_pretrained(folder)
    return folder


def tokenizer_without_types(tokenizer: PreTrainedTokenizerBase, kind: str) -> PreTrainedTokenizerBase:
    """The tokenizer, which returns token types only if the family has any."""
    if FAMILIES[kind].embeddings.token_types is not None:
        return tokenizer
    return BertTokenizerFast(
        vocab=tokenizer.get_vocab(), do_lower_case=True, model_input_names=["input_ids", "attention_mask"]
    )


def _origin(name: str, source: Family, target: Family) -> str:
    """The name in the source family of a tensor in the target family."""
    path, _, kind = name.rpartition(".")
    layer = target.layer_of(name)
    if layer is not None:
        inner = path.removeprefix(f"{target.layers}.{layer}.")
        roles = {target.layer.matrices[role]: source.layer.matrices[role] for role in target.layer.matrices}
        return f"{source.layers}.{layer}.{(roles | _paths(target.layer, source.layer)).get(inner, inner)}.{kind}"
    paths = _paths(target.embeddings, source.embeddings) | _paths(target.head, source.head)
    return f"{paths.get(path, path)}.{kind}"


def _paths(target: Any, source: Any) -> dict[str, str]:
    """From the target's paths to the source's, for each field that is a path in both."""
    both = {field.name: (getattr(target, field.name), getattr(source, field.name)) for field in fields(target)}
    return {one: other for one, other in both.values() if isinstance(one, str) and isinstance(other, str)}


def _least_squares(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """W and b of the ridge regression y ≈ x Wᵀ + b. x: (n, in). y: (n, out)."""
    centred = x - x.mean(0)
    gram = centred.T @ centred
    penalty = RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    weight = torch.linalg.solve(gram + penalty, centred.T @ (y - y.mean(0))).T
    return weight, y.mean(0) - weight @ x.mean(0)
