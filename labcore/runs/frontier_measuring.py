"""Measures what the frontier shows of a design on this machine: the time and the peak memory of one example."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from labcore.config.spec import Spec
from labcore.count.latency import measure_passes, random_ids
from labcore.count.peak_memory import peak_bytes
from labcore.data.tasks import label_names
from labcore.evaluate.token_vectors import TokenVectorModel
from labcore.models import classifier, encoder
from labcore.models.structure import build
from labcore.results.frontier_measured import TimeAndMemory
from labcore.runs.cache import calibration_for, structure_of_design
from labcore.runs.frontier_files import TOKENS
from labcore.runs.memory import check_room_to_derive
from labcore.runs.teacher_models import blueprint_of, sizes_of
from labcore.system import processor


def measure_design(spec: Spec) -> TimeAndMemory:
    """Of a spec's student with random weights, which take as long as trained ones. Raises SpecError without room."""
    check_room_to_derive(spec.teacher, spec.steps, calibration_for(spec.teacher, spec.task))
    model = classifier.initialise_randomly(build(structure_of_design(spec))).eval()
    tokens = min(TOKENS, encoder.architecture_of(model).positions)
    return _measured(model, encoder.architecture_of(model).vocabulary, tokens, lambda ids: model(input_ids=ids))


def measure_without_encoder(spec: Spec) -> TimeAndMemory:
    """Of the mean of the teacher's token vectors with a linear head."""
    _, words = encoder.word_embeddings(blueprint_of(spec.teacher).model)
    vocabulary = sizes_of(spec.teacher).vocabulary
    nowhere = next(words.parameters()).device  # shapes only
    width = words(torch.zeros(1, dtype=torch.long, device=nowhere)).shape[-1]
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(vocabulary, width, generator=generator)
    model = TokenVectorModel(vectors, len(label_names(spec.task))).eval()
    return _measured(model, vocabulary, min(TOKENS, sizes_of(spec.teacher).positions), model)


def _measured(
    model: nn.Module, vocabulary: int, tokens: int, forward: Callable[[torch.Tensor], object]
) -> TimeAndMemory:
    ids = random_ids(vocabulary, 1, tokens)
    peak = peak_bytes(model, lambda: forward(ids))
    device = processor.device()
    model.to(device)
    there = ids.to(device)
    latency = measure_passes(lambda: forward(there), device, 1, tokens)
    return TimeAndMemory(latency=latency, peak_bytes=peak)
