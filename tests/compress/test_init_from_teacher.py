"""A smaller BERT initialised from the teacher: closed forms against definitions, and the gain on the real teacher."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from transformers import BertForSequenceClassification

from labcore.compress import closed_forms
from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.layer_outputs import SampleTokens, layer_outputs
from labcore.config.steps import Manual
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.models import encoder
from labcore.runs.cache import cached_teacher, calibration_for
from tests.shared.tiny import TINY, bytes_of, tiny_examples


def test_a_fit_is_the_minimum_of_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient of mean |x Wᵀ + b − y|² + λ |W − W₀|² is zero at the solution; λ grows with the inputs' variance."""
    torch.manual_seed(0)
    x, y, prior = torch.randn(300, 6).double() + 2, torch.randn(300, 4).double() - 1, torch.randn(4, 6).double()
    linear = nn.Linear(6, 4).double()
    with torch.no_grad():
        closed_forms.fit(linear, x, y, prior)
    centred = x - x.mean(0)
    penalty = closed_forms.RIDGE * centred.square().sum(0).mean()
    loss = (linear(x) - y).square().sum() + penalty * (linear.weight - prior).square().sum()
    gradients = torch.autograd.grad(loss, [linear.weight, linear.bias])
    assert max(float(g.abs().max()) for g in gradients) < 1e-6
    monkeypatch.setattr(closed_forms, "RIDGE", 1e12)
    with torch.no_grad():
        closed_forms.fit(linear, x, y, prior)
    torch.testing.assert_close(linear.weight, prior, atol=1e-6, rtol=1e-6)


def test_gains_and_biases_are_least_squares_by_dimension() -> None:
    torch.manual_seed(0)
    summed, wanted = torch.randn(200, 5), torch.randn(200, 5)
    norm, plain = nn.LayerNorm(5), nn.LayerNorm(5, elementwise_affine=False)
    with torch.no_grad():
        closed_forms.normalise(norm, summed, wanted)
        x = plain(summed)
        for i in range(5):
            design = torch.stack([x[:, i], torch.ones(200)], 1)
            expected = torch.linalg.lstsq(design, wanted[:, i]).solution
            torch.testing.assert_close(torch.stack([norm.weight[i], norm.bias[i]]), expected, atol=1e-4, rtol=1e-4)


def test_the_sample_is_read_as_the_model_reads_it(tiny: BertForSequenceClassification) -> None:
    some = tiny_examples(9)
    with torch.no_grad():
        first, reads = layer_outputs(tiny, SampleTokens.of(some), (0, 1, 2, 3))
        order = sorted(range(len(some)), key=lambda i: len(some.tokens[i]))
        outputs = [tiny(torch.tensor([some.tokens[i]]), output_hidden_states=True).hidden_states for i in order]
    torch.testing.assert_close(first, torch.cat([states[0][0] for states in outputs]))
    for layer, read in enumerate(reads):
        torch.testing.assert_close(
            read.after, torch.cat([states[layer + 1][0] for states in outputs]), atol=1e-4, rtol=1e-4
        )


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([4, 6, 8, 12, 16]), st.integers(1, 4), st.sampled_from([1, 2, 4]), st.integers(1, 32))
def test_any_smaller_size_can_be_initialised(
    tiny: BertForSequenceClassification,
    calibration: Calibration,
    hidden: int,
    layers: int,
    heads: int,
    intermediate: int,
) -> None:
    if hidden % heads:
        return
    step = Manual(hidden=hidden, layers=layers, heads=heads, intermediate=intermediate, init="teacher")
    before = bytes_of(tiny)
    student = derive(tiny, [step], calibration).model
    assert encoder.architecture_of(student).hidden == hidden
    assert predict(student, tiny_examples(5)).isfinite().all()
    assert bytes_of(derive(tiny, [step], calibration).model) == bytes_of(student)  # no chance in it
    assert bytes_of(tiny) == before
    assert not any(p.grad_fn for p in student.parameters())


def test_fewer_layers_alone_are_made_up_for(tiny: BertForSequenceClassification, calibration: Calibration) -> None:
    """At the teacher's width, the refitted student is nearer to the teacher than its layers taken as they are."""
    step = Manual(hidden=TINY.hidden, layers=2, heads=TINY.heads, intermediate=TINY.intermediate, init="teacher")
    sample = calibration.sample()
    of_teacher = predict(tiny, sample)
    refitted = predict(derive(tiny, [step], calibration).model, sample)
    from labcore.config.steps import KeepLayers

    plain = predict(derive(tiny, [KeepLayers(count=2)]).model, sample)
    assert (refitted - of_teacher).square().mean() < 0.5 * (plain - of_teacher).square().mean()


@pytest.mark.full
def test_half_of_the_real_teacher_knows_much_of_its_task_before_any_training() -> None:
    """`python -m benchmarks.starts`: 0.78 on validation; a random start and the first rows and columns are near 0.5."""
    calibration = calibration_for("reviews", "reviews")
    examples = load_task("reviews").splits["validation"]
    some = encode(calibration.tokenizer, Examples(examples.text[:500], examples.labels[:500]), 128)
    student = derive(cached_teacher("reviews"), [Manual(init="teacher")], calibration)
    assert accuracy(predict(student.model, some), some.labels) > 0.72
