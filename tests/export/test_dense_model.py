"""A dense model has the logits of the odd student that it stands for, and transformers loads it."""

from __future__ import annotations

import tempfile
from functools import lru_cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.config.spec import SpecError
from labcore.config.steps import Factorise, FactoriseEmbeddings, PruneHeads, PruneNeurons, Step
from labcore.export.dense_model import dense
from labcore.export.export_measured import all_logits, of_torch, of_transformers
from labcore.models.new_sizes import select_heads, select_neurons
from labcore.models.structure import structure_of
from tests.shared.random_steps import any_step
from tests.shared.tiny import bytes_of
from tests.shared.tiny_families import BY_KIND, family_examples, tiny_family
from tests.shared.tiny_tokenizers import calibration_of

teacher = lru_cache(tiny_family)
calibration = lru_cache(calibration_of)


def check_dense(student: Student, name: str) -> tuple[str, ...]:
    """The notes of the student's dense model, which transformers loads with the student's logits."""
    before = bytes_of(student.model)
    made, notes = dense(student.model)
    assert structure_of(made).plain
    assert bytes_of(student.model) == before
    examples = calibration(name).sample(student.vocabulary)
    wanted = all_logits(of_torch(student.model), examples)
    with tempfile.TemporaryDirectory() as folder:
        made.save_pretrained(folder)
        loaded, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    torch.testing.assert_close(all_logits(of_transformers(loaded.eval()), examples), wanted, atol=2e-4, rtol=1e-4)
    return notes


@pytest.mark.parametrize("name", BY_KIND)
def test_layers_of_different_sizes_become_one_size(name: str) -> None:
    student = derive(teacher(name), [PruneHeads(3, by="taylor"), PruneNeurons(24)], calibration(name))
    select_heads(student.model, 1, torch.tensor([2]))
    select_neurons(student.model, 0, torch.tensor([1, 5, 6]))
    notes = check_dense(student, name)
    assert notes[0] == "Removed heads came back as zeros."
    assert "feed-forward neurons" in notes[1]


def test_factors_are_multiplied_out() -> None:
    notes = check_dense(derive(teacher("bert"), [Factorise(5), FactoriseEmbeddings(4)]), "bert")
    assert notes[0] == "Matrices in two factors were multiplied out."
    assert "this folder has" in notes[-1]


def test_a_plain_student_is_itself() -> None:
    model = derive(teacher("bert"), [PruneNeurons(16)]).model
    assert dense(model) == (model, ())


@settings(max_examples=40)
@given(
    name=st.sampled_from(("bert", "roberta", "electra", "mpnet", "modernbert")), steps=st.lists(any_step(), max_size=4)
)
def test_random_stacks(name: str, steps: list[Step]) -> None:
    try:
        student = derive(teacher(name), steps, calibration(name))
    except SpecError:
        return
    if any(layer.extra_norm for layer in structure_of(student.model).layers):
        with pytest.raises(SpecError, match="LayerNorm before its attention"):
            dense(student.model)
        return
    check_dense(student, name)


def test_logits_of_the_untouched_examples_are_the_same() -> None:
    model = teacher("bert")
    examples = family_examples(model)
    torch.testing.assert_close(
        all_logits(of_transformers(model), examples), all_logits(of_torch(model), examples), atol=1e-5, rtol=1e-4
    )
