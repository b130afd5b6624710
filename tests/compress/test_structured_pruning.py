"""Heads and neurons truly removed: the same logits as a teacher with these outputs set to 0, in smaller matrices."""

from __future__ import annotations

import copy
from itertools import pairwise

import pytest
import torch
from torch.nn import functional as F
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.importance import by_magnitude, by_taylor
from labcore.config.spec import SpecError
from labcore.config.steps import Factorise, PruneHeads, PruneNeurons, Step
from labcore.count.parameters import compare
from labcore.data.batches import Encoded
from labcore.evaluate.metrics import predict
from labcore.models import encoder
from labcore.models.family import BERT
from labcore.models.low_rank import matrix_of
from labcore.teacher.built_in import BUILT_IN
from tests.shared.tiny import TINY, tiny_examples

SIZE = TINY.hidden // TINY.heads  # of a head


def silenced(teacher: BertForSequenceClassification, role: str, kept: list[list[int]], width: int) -> torch.Tensor:
    """Logits of a copy whose `role` matrices read nothing of what is not kept in each layer."""
    quiet = copy.deepcopy(teacher)
    for layer, alive in enumerate(kept):
        weight = encoder.matrix(quiet, layer, role).weight  # type: ignore[arg-type]
        gone = torch.ones(weight.shape[1], dtype=torch.bool)
        for i in alive:
            gone[i * width : (i + 1) * width] = False
        with torch.no_grad():
            weight[:, gone] = 0
    return predict(quiet, tiny_examples(20))


@pytest.mark.parametrize("by", ["magnitude", "taylor"])
def test_a_student_without_heads_is_its_teacher_with_those_heads_silent(
    tiny: BertForSequenceClassification, calibration: Calibration, by: str
) -> None:
    student = derive(tiny, [PruneHeads(2, by)], calibration)  # type: ignore[arg-type]
    scores = by_magnitude(tiny) if by == "magnitude" else by_taylor(tiny, calibration.sample())
    best = [sorted(torch.topk(heads, 2).indices.tolist()) for heads, _ in scores]
    torch.testing.assert_close(predict(student.model, tiny_examples(20)), silenced(tiny, "output", best, SIZE))
    attention = student.model.bert.encoder.layer[0].attention
    assert attention.self.query.weight.shape == (2 * SIZE, TINY.hidden)
    assert attention.output.dense.weight.shape == (TINY.hidden, 2 * SIZE)


@pytest.mark.parametrize("by", ["magnitude", "taylor"])
def test_a_student_without_neurons_is_its_teacher_with_those_neurons_silent(
    tiny: BertForSequenceClassification, calibration: Calibration, by: str
) -> None:
    student = derive(tiny, [PruneNeurons(10, by)], calibration)  # type: ignore[arg-type]
    scores = by_magnitude(tiny) if by == "magnitude" else by_taylor(tiny, calibration.sample())
    best = [sorted(torch.topk(neurons, 10).indices.tolist()) for _, neurons in scores]
    torch.testing.assert_close(predict(student.model, tiny_examples(20)), silenced(tiny, "down", best, 1))
    assert student.model.config.intermediate_size == 10


def test_heads_and_neurons_go_out_of_factors_as_out_of_whole_matrices(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    steps: list[Step] = [PruneHeads(3), PruneNeurons(20)]
    # At full rank the factors are the matrices, so the same heads and neurons go.
    of_matrices = predict(derive(tiny, steps).model, tiny_examples(20))
    factored = derive(tiny, [Factorise(TINY.hidden), *steps])
    torch.testing.assert_close(predict(factored.model, tiny_examples(20)), of_matrices, atol=1e-3, rtol=1e-3)


def test_magnitude_scores_by_hand(tiny: BertForSequenceClassification) -> None:
    heads, neurons = by_magnitude(tiny)[1]
    layer = tiny.bert.encoder.layer[1]
    rows = slice(2 * SIZE, 3 * SIZE)
    group = [getattr(layer.attention.self, n).weight[rows] for n in ("query", "key", "value")]
    group.append(layer.attention.output.dense.weight[:, rows])
    torch.testing.assert_close(heads[2], torch.cat([w.flatten() for w in group]).norm())
    neuron = torch.cat([layer.intermediate.dense.weight[7], layer.output.dense.weight[:, 7]])
    torch.testing.assert_close(neurons[7], neuron.norm())


def test_taylor_scores_are_the_gates_gradients(tiny: BertForSequenceClassification) -> None:
    """A gate on a head's output scales its columns of the next matrix, so ∂ loss / ∂ gate = Σ weight · gradient."""
    some = tiny_examples(6)
    scores = by_taylor(tiny, some)
    expected = torch.zeros(TINY.heads)
    neurons = torch.zeros(TINY.intermediate)
    for i in range(len(some)):
        tiny.zero_grad()
        logits = encoder.forward(tiny, torch.tensor([some.tokens[i]]), None).logits
        F.cross_entropy(logits, some.labels[i : i + 1]).backward()
        out, down = (encoder.matrix(tiny, 2, role).weight for role in ("output", "down"))  # type: ignore[arg-type]
        expected += (out * out.grad).sum(0).unflatten(0, (TINY.heads, SIZE)).sum(1).abs() / len(some)
        neurons += (down * down.grad).sum(0).abs() / len(some)
    torch.testing.assert_close(scores[2][0], expected, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(scores[2][1], neurons, atol=1e-6, rtol=1e-4)


def test_scoring_leaves_no_trace(tiny: BertForSequenceClassification, calibration: Calibration) -> None:
    tiny.train()
    before = {name: p.clone() for name, p in tiny.named_parameters()}
    by_taylor(tiny, calibration.sample())
    assert tiny.training
    assert all(p.grad is None and torch.equal(p, before[n]) for n, p in tiny.named_parameters())
    assert not any(module._forward_pre_hooks for module in tiny.modules())


def test_importance_is_measured_on_training_examples_only(calibration: Calibration) -> None:
    sample, training = calibration.sample(), calibration.examples
    assert isinstance(sample, Encoded)
    assert len(sample) == 256 < len(training)
    known = set(map(tuple, calibration.tokenizer(list(training.text))["input_ids"]))
    assert set(sample.tokens) <= known
    assert (
        sample.tokens == Calibration(lambda: (calibration.tokenizer, training, 24)).sample().tokens
    )  # always the same


# What Torch-Pruning 1.6.1 leaves of the same models: `python -m benchmarks.peers.structure`.
TORCH_PRUNING = {
    ("bert-base-uncased", PruneHeads(6)): 95_314_178,
    ("bert-base-uncased", PruneNeurons(1536)): 81_153_794,
    ("reviews", PruneHeads(6)): 20_941_058,
    ("reviews", PruneNeurons(768)): 19_170_434,
}


@pytest.mark.parametrize(("name", "step"), TORCH_PRUNING, ids=str)
def test_counts_are_those_of_torch_pruning(name: str, step: Step) -> None:
    assert compare(BUILT_IN[name], [step]).student.total == TORCH_PRUNING[name, step]


def test_bert_base_without_half_its_heads() -> None:
    student = compare(BUILT_IN["bert-base-uncased"], [PruneHeads(6)]).student
    assert student.total - student.parts["classifier"] == 95_312_640


def test_fewer_is_smaller_and_cheaper() -> None:
    for kind, most in ((PruneHeads, 12), (PruneNeurons, 1536)):
        students = [compare(BUILT_IN["reviews"], [kind(n)]).student for n in (most, most // 2, 1)]
        for larger, smaller in pairwise(students):
            assert larger.total > smaller.total
            assert larger.cost.macs > smaller.cost.macs  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([PruneHeads(5)], "give 1 to 4"),
        ([PruneHeads(2), PruneHeads(3)], "give 1 to 2"),
        ([PruneNeurons(33)], "give 1 to 32"),
        ([PruneHeads(2, "taylor")], "training examples"),
    ],
)
def test_what_can_not_be_removed_is_refused(tiny: BertForSequenceClassification, steps: list[Step], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        derive(tiny, steps)


def test_the_matrix_of_factors_is_their_product(tiny: BertForSequenceClassification) -> None:
    path = BERT.matrix_name(0, "up")
    factored = derive(tiny, [Factorise(TINY.hidden)]).model.get_submodule(path)
    torch.testing.assert_close(matrix_of(factored), matrix_of(tiny.get_submodule(path)), atol=1e-5, rtol=1e-5)
