"""The benchmark against peers: what it times, and what it counts."""

from __future__ import annotations

import copy
import io
import json

import pytest
import torch
from torch import Tensor

from benchmarks.peers import timed, training_data
from benchmarks.peers.loops import LOOPS, Loader
from benchmarks.throughput import lab_macs, plain_macs
from labcore.data.batches import Encoded
from labcore.models import classifier
from labcore.models.architecture import Architecture
from labcore.models.structure import structure_of

SHAPE = Architecture(
    hidden=16, layers=3, heads=2, intermediate=40, vocabulary=30, positions=32, token_types=2, labels=2
)


def test_a_peer_is_timed_between_its_first_batch_and_its_request_after_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded = Encoded(tuple((1,) * (3 + i % 5) for i in range(70)), torch.zeros(70, dtype=torch.long), 0)
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("2\n1\n"))
    asked = timed.commanded(training_data.bucketed(encoded, 0), timed.Report(out))
    next(asked), next(asked)
    assert out.getvalue() == ""  # the second step is not known to be finished
    next(asked)
    first = json.loads(out.getvalue())
    assert [rows for rows, _ in first["shapes"]] == [
        training_data.inputs(b)["labels"].shape[0] for b in _first(encoded, 2)
    ]
    assert list(asked) == []
    assert len(out.getvalue().splitlines()) == 2


def _first(encoded: Encoded, count: int) -> list[training_data.Batch]:
    batches = training_data.bucketed(encoded, 0)
    return [next(batches) for _ in range(count)]


@pytest.mark.parametrize("tokens", [1, 7, 30])
def test_the_labs_last_layer_is_spared_what_cls_alone_does_not_need(tokens: int) -> None:
    structure = structure_of(classifier.build(SHAPE))
    others, hidden, neurons = tokens - 1, SHAPE.hidden, SHAPE.intermediate
    spared = others * (
        2 * hidden**2 + 2 * tokens * hidden + 2 * hidden * neurons
    )  # query, output; scores, mix; up, down
    assert plain_macs(structure, tokens) - lab_macs(structure, tokens) == spared


@pytest.mark.parametrize("name", ["plain", "Trainer"])  # the others need their own environment
def test_a_loop_takes_every_batch_and_trains_only_the_student(name: str) -> None:
    teacher, student = (classifier.initialise_randomly(classifier.build(SHAPE), seed).eval() for seed in (0, 1))
    before = [copy.deepcopy(model.state_dict()) for model in (teacher, student)]
    ids = torch.arange(1, 25).view(4, 6)
    asked: list[dict[str, Tensor]] = []

    def batches():  # type: ignore[no-untyped-def]
        for _ in range(5):
            asked.append(
                {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": torch.tensor([0, 1, 1, 0])}
            )
            yield dict(asked[-1])

    LOOPS[name](teacher, student, Loader(batches(), 5), 1e-2)
    assert len(asked) == 5
    assert all(
        torch.equal(old, new) for old, new in zip(before[0].values(), teacher.state_dict().values(), strict=True)
    )
    assert all(
        not torch.equal(before[1][key], parameter)
        for key, parameter in student.named_parameters()
        if parameter.dim() == 2
    )
