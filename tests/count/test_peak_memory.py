"""Peak memory against the allocations that torch's profiler reports, and against sums by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile
from transformers import BertForSequenceClassification

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.count.peak_memory import peak_bytes
from labcore.evaluate.token_vectors import TokenVectorModel
from labcore.models.classifier import initialise_randomly
from labcore.models.structure import build
from labcore.runs.cache import structure_of_design
from labcore.runs.frontier_files import TOKENS


def profiled(model: nn.Module, ids: torch.Tensor) -> int:
    """The most bytes that are allocated at once in a pass, from torch's profiler: it sees each allocation."""
    with torch.inference_mode(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        model(ids)
    events = [event for event in seen.profiler.kineto_results.events() if event.name() == "[memory]"]  # type: ignore[union-attr]
    now = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    assert events
    assert now == 0
    return most


def weights(model: nn.Module) -> int:
    return sum(each.numel() * each.element_size() for each in (*model.parameters(), *model.buffers()))


def both(model: BertForSequenceClassification, tokens: int) -> tuple[int, int]:
    """Bytes of activations at the peak of a pass: the lab's, and the profiler's."""
    ids = torch.ones(1, tokens, dtype=torch.long)
    with torch.inference_mode():
        model(ids)  # what is made once is not of the pass
    return peak_bytes(model, lambda: model(input_ids=ids)) - weights(model), profiled(model, ids)


@pytest.mark.parametrize("tokens", [8, 24])
def test_the_peak_of_a_small_classifier_leaves_out_what_an_operator_works_with(
    tiny: BertForSequenceClassification, tokens: int
) -> None:
    first, profilers = both(tiny.eval(), tokens)
    within = 2 * 4 * tokens  # LayerNorm notes a mean and a deviation of each token
    assert profilers in (first, first + within)


def test_the_peak_of_a_teacher_is_the_profilers() -> None:
    """In the sizes of the lab's teachers the peak is in the feed-forward network, where no operator hides anything."""
    shapes = structure_of_design(Spec(steps=(KeepLayers(count=2),)))
    model = initialise_randomly(build(shapes)).eval()
    first, profilers = both(model, TOKENS)
    assert first == profilers
    assert first >= 2 * 4 * TOKENS * shapes.layers[0].intermediate  # before GELU and after it


def test_the_peak_of_a_chain_is_its_two_largest_neighbours() -> None:
    model = nn.Sequential(nn.Linear(10, 1000), nn.ReLU(), nn.Linear(1000, 10)).eval()
    example = torch.zeros(1, 10)
    expected = weights(model) + 4 * (1000 + 1000)  # the input of ReLU and its output
    assert peak_bytes(model, lambda: model(example)) == expected


def test_a_larger_model_takes_more_and_twice_is_the_same() -> None:
    ids = torch.zeros(1, 16, dtype=torch.long)
    small, large = (TokenVectorModel(torch.ones(50, width), 2).eval() for width in (8, 16))
    first, second = (peak_bytes(model, lambda model=model: model(ids)) for model in (small, large))  # type: ignore[misc]
    assert first < second
    assert peak_bytes(small, lambda: small(ids)) == first
    assert first > weights(small)
