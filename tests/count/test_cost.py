"""Arithmetic and bytes, against other counters and by hand."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
)
from labcore.count.cost import cost_of, macs, stored_bytes
from labcore.count.latency import measure
from labcore.count.parameters import compare, count
from labcore.models.structure import build, structure_of
from labcore.teacher.built_in import BUILT_IN
from tests.shared.tiny import TINY
from tests.shared.tiny_families import NAMES, tiny_family

STACKS: list[list[Step]] = [
    [],
    [KeepLayers(count=2), PruneHeads(3)],
    [PruneNeurons(5), Factorise(4)],
    [FactoriseEmbeddings(4), Prune(0.9)],
    [Factorise(energy=0.5)],
    [Manual()],
]

# `python -m benchmarks.peers.macs`: calflops 0.3.2 on the whole models, attention's two products counted (eager).
CALFLOPS = {("bert-base-uncased", 128): 11_174_217_216, ("reviews", 128): 1_434_600_192, ("reviews", 32): 344_605_440}


@pytest.mark.parametrize(("name", "tokens"), CALFLOPS, ids=str)
def test_macs_are_those_of_calflops(name: str, tokens: int) -> None:
    cost = compare(BUILT_IN[name], (), tokens=tokens).teacher.cost
    assert cost is not None
    assert cost.macs == CALFLOPS[name, tokens]
    assert cost.tokens == tokens


@pytest.mark.parametrize("steps", STACKS, ids=str)
def test_macs_are_those_of_the_whole_model_counted_at_once(
    tiny: BertForSequenceClassification, steps: list[Step]
) -> None:
    model = derive(tiny, steps).model
    model.set_attn_implementation("eager")  # torch does not count the processor's fused attention
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, 20, dtype=torch.long))
    assert macs(model, 20) == counter.get_total_flops() // 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tokens", [1, 9, 16])
def test_macs_of_each_family_are_those_of_torchs_counter(name: str, tokens: int) -> None:
    model = tiny_family(name)
    model.set_attn_implementation("eager")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.full((1, tokens), 5))
    assert macs(model, tokens) == counter.get_total_flops() // 2


def test_a_structure_builds_what_it_was_read_from(tiny: BertForSequenceClassification) -> None:
    for steps in STACKS:
        model = derive(tiny, steps).model
        again = build(structure_of(model))
        assert next(again.parameters()).is_meta
        assert structure_of(again) == structure_of(model)
        assert {n: p.shape for n, p in again.named_parameters()} == {n: p.shape for n, p in model.named_parameters()}


def test_a_sentence_is_at_most_as_long_as_the_model_reads(tiny: BertForSequenceClassification) -> None:
    assert count(derive(tiny, [])).cost.tokens == TINY.positions  # type: ignore[union-attr]


def test_zeros_cost_as_much_arithmetic_as_numbers(tiny: BertForSequenceClassification) -> None:
    dense, sparse = (cost_of(derive(tiny, steps), 16) for steps in ([], [Prune(0.9)]))
    assert sparse.macs == dense.macs
    assert [sparse.bytes[name] for name in ("fp32", "fp16", "int8")] == [
        dense.bytes[n] for n in ("fp32", "fp16", "int8")
    ]
    assert sparse.bytes["sparse"] < dense.bytes["sparse"] == dense.bytes["fp32"]


@pytest.mark.parametrize("scope", ["matrix", "global"])
def test_bytes_by_hand(tiny: BertForSequenceClassification, scope: str) -> None:
    matrices = TINY.layers * (4 * 16 * 16 + 2 * 16 * 32)
    total = sum(p.numel() for p in tiny.parameters())
    rows = TINY.layers * (4 * (16 + 1) + (32 + 1) + (16 + 1))
    for sparsity in (0.0, 0.02, 0.5, 0.97):
        student = derive(tiny, [Prune(sparsity, scope)])  # type: ignore[arg-type]
        left = sum(int(mask.sum()) for mask in student.masks.values())
        assert stored_bytes(student) == {
            "fp32": 4 * total,
            "fp16": 2 * total,
            "int8": total,
            "sparse": 4 * (total - matrices) + min(4 * matrices, matrices // 8 + 4 * left, 4 * rows + 8 * left),
        }


def test_the_smallest_of_dense_bitmask_and_compressed_rows() -> None:
    n, rows = 6 * (4 * 384**2 + 2 * 384 * 1536), 6 * (5 * 384 + 1536 + 6)  # a start for each row, and one more
    dense = 4 * (22_713_986 - n)
    for sparsity, left, expected in (
        (0.01, 10_510_656, 4 * n),
        (0.5, 5_308_416, n // 8 + 4 * 5_308_416),
        (0.99, 106_176, 4 * rows + 8 * 106_176),
    ):
        student = compare(BUILT_IN["reviews"], [Prune(sparsity)]).student
        assert student.nonzero == 22_713_986 - n + left
        assert student.cost.bytes["sparse"] == dense + expected  # type: ignore[union-attr]


def test_real_zeros_make_the_sparse_file_as_small_as_told(tiny: BertForSequenceClassification) -> None:
    """The bitmask format, written out: a bit for each number, then the numbers that are not zero."""
    student = derive(tiny, [Prune(0.5)])
    written = 0
    for name, parameter in student.model.named_parameters():
        if name in student.masks:
            live = parameter.detach()[parameter != 0]
            written += -(-parameter.numel() // 8) + live.numpy().nbytes
        else:
            written += parameter.detach().numpy().nbytes
    assert stored_bytes(student)["sparse"] == written


def test_latency_is_measured_and_says_how(tiny: BertForSequenceClassification) -> None:
    before = torch.get_rng_state()
    measured = measure(tiny, batch=2, tokens=10)
    assert torch.equal(torch.get_rng_state(), before)
    assert 0 < measured.median_ms <= measured.p95_ms
    assert measured.runs >= 20
    assert measured.threads == torch.get_num_threads()
    assert measured.examples_per_second == pytest.approx(2000 / measured.median_ms)
