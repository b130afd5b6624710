"""The counting cases' two BERTs. Each comment is a sum by hand, of the elements of the parameters beside it."""

from __future__ import annotations

import torch
from torch import nn

from labcore.exercise.counting_models import filled, zero
from labcore.models import classifier, encoder
from labcore.models.architecture import Architecture
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.results.counts import ModelPart
from labcore.system.processor import HOST
from labcore.teacher.built_in import BUILT_IN

USUAL = (0.03, -0.02, 0.0004, -0.7, 1.0, -2e-6)  # like weights of a trained BERT
TINY_BERT = 4_385_920 + 2 * 128 + 2  # Turc et al., 2019, https://arxiv.org/abs/1908.08962, and a classifier of two
WORDS, POSITIONS, TYPES, WIDTH = 30_522, 512, 2, 128
FROZEN_TABLES = (WORDS + TYPES) * WIDTH + 2 * WIDTH  # two tables and a norm; that of positions is trained
LAYER_BIASES = 4 * WIDTH + 4 * WIDTH + WIDTH + 2 * WIDTH  # attention, two feed-forward matrices, two norms
BERT_ZEROS = 2 * LAYER_BIASES + WIDTH + WIDTH + 2 + WIDTH  # two layers, the norm, pooler, classifier; the padding row


def bert_tiny() -> nn.Module:
    """As fine-tuning begins: biases and the padding row are 0; the embeddings are frozen, except for the positions."""
    model = classifier.build(BUILT_IN["bert-tiny"]).to_empty(device=HOST).eval()
    filled(model, USUAL)
    for buffer in model.buffers():
        buffer.zero_()
    table = model.get_input_embeddings()
    zero(table.weight, *range(WIDTH))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
    freeze(model, "embeddings")
    encoder.embedding_tables(model)[1].requires_grad_(True)
    return model


SMALL_BERT = Architecture(hidden=8, layers=3, heads=2, intermediate=16, vocabulary=20, positions=6, labels=3)
SMALL_LAYER = 4 * (8 * 8 + 8) + (8 * 16 + 16) + (16 * 8 + 8) + 2 * 16  # attention, two feed-forward matrices, two norms
SMALL_TOTAL = (20 + 6 + 2) * 8 + 16 + 3 * SMALL_LAYER + (8 * 8 + 8) + (8 * 3 + 3)
SMALL_FROZEN = 6 * 8 + 8 * 8 + 16 + (SMALL_LAYER - 16) + (8 * 8 + 8) + (8 * 3 + 3)  # in the order of the lines below


def bert_partly_frozen() -> nn.Module:
    """Parts trained in BERT-tiny are frozen in some layer here, and frozen ones are trained: names reveal nothing."""
    model = classifier.build(SMALL_BERT).to_empty(device=HOST).train()
    filled(model)
    for buffer in model.buffers():
        buffer.zero_()
    encoder.embedding_tables(model)[1].requires_grad_(False)
    encoder.matrix(model, 0, "query").get_parameter("weight").requires_grad_(False)
    encoder.matrix(model, 1, "up").get_parameter("bias").requires_grad_(False)
    freeze(model, 2)
    encoder.layer_modules(model, 2).feed_forward_norm.requires_grad_(True)  # of 16
    freeze(model, "pooler")
    freeze(model, "classifier")
    return model


def freeze(model: Classifier, part: ModelPart | int) -> None:
    """Freeze a part of the model, or the encoder layer with this index."""
    family = family_of(model.config)
    for name, parameter in model.named_parameters():
        if part in (family.part_of(name), family.layer_of(name)):
            parameter.requires_grad_(False)
