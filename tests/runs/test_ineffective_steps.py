"""A step that changes nothing is detected by shapes and zeros, and reported at its card and on the command line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from transformers import BertForSequenceClassification

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.runs.ineffective_steps import notes, step_note
from tests.shared.full import first
from tests.shared.pages import app

TEACHER_MADE = Manual(hidden=16, layers=4, heads=4, intermediate=32, init="teacher")

# The tiny teacher has 4 layers, 4 heads, 32 neurons, 60 tokens, and is 16 wide.
CASES: list[tuple[tuple[Step, ...], bool]] = [
    ((KeepLayers(count=4),), True),
    ((KeepLayers(count=4, pick="last"),), True),
    ((KeepLayers(layers=(0, 1, 2, 3)),), True),
    ((KeepLayers(count=3),), False),
    ((PruneHeads(4),), True),
    ((PruneHeads(3),), False),
    ((PruneHeads(3), PruneHeads(3)), True),
    ((PruneNeurons(32),), True),
    ((PruneNeurons(31),), False),
    ((Factorise(energy=1.0),), True),
    ((Factorise(energy=0.4),), False),
    ((Factorise(rank=8),), False),
    ((FactoriseEmbeddings(16),), False),
    ((Prune(0.5), Prune(0.3)), True),
    ((Prune(0.5), Prune(0.5)), True),
    ((Prune(0.5), Prune(0.6)), False),
    ((Prune(0.5, scope="global"), Prune(0.4, scope="global")), True),
    ((Prune(0.5), Prune(0.3, embeddings=True)), False),
    ((Prune(0.0001),), True),
    ((TrimVocabulary(size=60),), True),
    ((TrimVocabulary(size=50),), False),
    ((TEACHER_MADE,), True),
    ((replace(TEACHER_MADE, heads=2),), False),
    ((replace(TEACHER_MADE, init="random"),), False),
    ((KeepLayers(count=2), KeepLayers(count=2)), True),
    ((KeepLayers(count=9),), False),  # it can't be carried out, and is refused elsewhere
]


@pytest.mark.parametrize(("steps", "idle"), CASES, ids=lambda value: str(value)[:60])
def test_a_step_that_changes_nothing_is_named(steps: tuple[Step, ...], idle: bool, spec: Spec) -> None:
    words = step_note(replace(spec, steps=steps), len(steps) - 1)
    assert (words is not None) is idle
    if words:
        assert words.startswith("it ")
        assert words.endswith("or take it out")


def test_a_step_is_named_once(spec: Spec) -> None:
    shown = notes(replace(spec, steps=(Prune(0.0),)))
    assert [note.field for note in shown] == ["steps[0]"]
    assert "sparsity 0" in shown[0].words
    shown = notes(replace(spec, steps=(KeepLayers(count=4),), distil=DistilConfig(temperature=9.0, hard=1.0, soft=0.0)))
    assert [note.field for note in shown] == ["distil.temperature", "steps[0]"]


def test_the_design_page_says_it_beside_the_card(tiny: BertForSequenceClassification) -> None:
    del tiny
    test = app("design", Spec(steps=(KeepLayers(count=6), PruneHeads(12))))
    said = [caption.value for caption in test.caption if "has no effect" in caption.value]
    assert said == [
        ":material/info: **Step 1** has no effect: it keeps every layer; keep fewer, or take it out.",
        ":material/info: **Step 2** has no effect: it keeps every head; keep fewer, or take it out.",
    ]
    assert not [c for c in app("design", Spec(steps=(KeepLayers(count=3),))).caption if "has no effect" in c.value]


@pytest.mark.parametrize(
    ("config", "words"),
    first(
        2,
        [
            (DistilConfig(hard=1.0, soft=0.0, temperature=5.0), "**Temperature** has no effect: only the soft loss"),
            (DistilConfig(gradual=True), "**Prune gradually** has no effect: 'prune' is not the last step"),
            (DistilConfig(schedule="linear"), "**Schedule** has no effect: no weight in use"),
            (DistilConfig(layer_map="first"), "**Layer map** has no effect: only the hidden"),
            (
                DistilConfig(patience=20),
                "**Patience** has no effect: this training has too few validations to end early; give at most",
            ),
            (
                DistilConfig(hard=1.0, soft=0.0, transfer=5000),
                "**The transfer set** has no effect: transfer examples have no label",
            ),
        ],
    ),
)
def test_the_distil_page_says_it_beside_the_control(config: DistilConfig, words: str) -> None:
    test = app("distil", Spec(steps=(KeepLayers(count=3),), distil=config))
    assert not test.exception
    said = [caption.value for caption in test.caption if "has no effect" in caption.value]
    assert len(said) == 1
    assert words in said[0]
    assert not [c for c in app("distil", Spec(steps=(KeepLayers(count=3),))).caption if "has no effect" in c.value]
