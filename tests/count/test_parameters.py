"""Counts of architectures that are published, and of halves."""

from __future__ import annotations

import pytest
import torch

from labcore.config.presets import PRESETS
from labcore.config.steps import KeepLayers, Manual, Prune
from labcore.count.parameters import compare
from labcore.models.architecture import Architecture
from labcore.teacher.built_in import BUILT_IN


def without_classifier(architecture: Architecture) -> int:
    counts = compare(architecture, ()).teacher
    return counts.total - counts.parts["classifier"]


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("bert-tiny", 4_385_920),
        ("bert-mini", 11_170_560),
        ("bert-base-uncased", 109_482_240),
        ("reviews", 22_713_216),  # all-MiniLM-L6-v2
    ],
)
def test_published_counts(name: str, published: int) -> None:
    assert without_classifier(BUILT_IN[name]) == published


def test_the_parts_of_bert_base() -> None:
    counts = compare(BUILT_IN["bert-base-uncased"], ()).teacher
    assert counts.parts["embeddings"] == 23_837_184
    assert counts.layers == (7_087_872,) * 12
    assert counts.parts["pooler"] == 590_592
    assert counts.parts["classifier"] == 768 * 2 + 2


def test_half_of_mini_is_tiny() -> None:
    half = compare(BUILT_IN["bert-mini"], (Manual(),)).student
    tiny = compare(BUILT_IN["bert-tiny"], ()).teacher
    assert half == tiny


def test_half_the_heads_at_one_hidden_size_change_nothing() -> None:
    base = BUILT_IN["bert-base-uncased"]
    same = Manual(hidden=base.hidden, layers=base.layers, heads=base.heads // 2, intermediate=base.intermediate)
    assert compare(base, (same,)).ratio == 1


def test_a_pruned_student_keeps_its_total() -> None:
    comparison = compare(BUILT_IN["reviews"], (Prune(0.5),))
    matrices = 6 * (4 * 384 * 384 + 2 * 384 * 1536)
    assert comparison.ratio == 1
    assert comparison.student.nonzero == comparison.teacher.total - matrices // 2


def test_counting_holds_no_weights_and_leaves_randomness_alone() -> None:
    before = torch.get_rng_state()
    comparison = compare(BUILT_IN["bert-large-uncased"], (KeepLayers(count=12), Prune(0.5, "global")))
    assert comparison.teacher.total == 335_143_938
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_say_their_true_size(preset: object) -> None:
    comparison = compare(BUILT_IN[preset.spec.teacher], preset.spec.steps)  # type: ignore[attr-defined]
    assert round(comparison.ratio, 2) == preset.ratio  # type: ignore[attr-defined]
