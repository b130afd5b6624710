"""A teacher of a family that can't have BERT's weights: it averages word vectors, so it is better than chance.

It has the word vectors, the sizes and the tokenizer of a BERT teacher, and as many weights: with gates, two thirds of
the neurons. Each layer's values and output are the identity, so [CLS] collects the mean of the tokens. Its other
matrices are random and small. The head is fitted, by least squares, to the BERT teacher's logits.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import CONFIG_MAPPING

from benchmarks.renamed_teachers import RENAMED, bring, fit_head, tokenizer_without_types
from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.models import classifier, encoder
from labcore.models.classifier import Classifier
from labcore.models.family import FAMILIES
from labcore.runs.teacher_models import load_for, tokenizer_for

FITTED_ON = 2000  # training examples


@torch.no_grad()
def averaging(teacher: Classifier, kind: str) -> Classifier:
    """A model of the family `kind` whose [CLS] state is the mean of the teacher's word vectors; random head."""
    family, sizes = FAMILIES[kind], encoder.architecture_of(teacher)
    neurons = sizes.intermediate * 2 // 3 if family.layer.gated else sizes.intermediate
    tokens = dict.fromkeys(family.fields.tokens)
    config: Any = CONFIG_MAPPING[kind](pad_token_id=teacher.config.pad_token_id, vocab_size=sizes.vocabulary, **tokens)
    config.id2label, config.label2id = teacher.config.id2label, teacher.config.label2id
    architecture = replace(sizes, family=kind, intermediate=neurons, token_types=0)
    model = classifier.initialise_randomly(classifier.build(architecture, config)).eval()
    (_, words), (_, source) = encoder.word_embeddings(model), encoder.word_embeddings(teacher)
    assert isinstance(words, nn.Embedding)
    assert isinstance(source, nn.Embedding)
    words.weight.copy_(source.weight)
    for index in range(sizes.layers):
        layer = encoder.layer_modules(model, index)
        values = layer.value.weight if layer.qkv is None else layer.qkv.weight[2 * sizes.hidden :]
        for identity in (values, layer.output.weight):
            nn.init.eye_(identity)
    return model


def bring_any(kind: str, folder: Path, name: str = "reviews") -> Path:
    """A folder with a teacher of the family `kind`: the built-in one called `name` renamed, or one that averages."""
    if kind in RENAMED:
        return bring(kind, folder, name)
    teacher, tokenizer, task = load_for(name, name).model, tokenizer_for(name), load_task(name)
    model = averaging(teacher, kind)
    fit_head(model, teacher, encode(tokenizer, task.splits["train"].spread(FITTED_ON), task.max_tokens))
    model.save_pretrained(folder)
    tokenizer_without_types(tokenizer, kind).save_pretrained(folder)
    return folder
