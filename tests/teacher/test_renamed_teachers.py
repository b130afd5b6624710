"""The lab's own teacher under the names of other families: known accuracy, and students that are trained and shared."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
import torch
from transformers import pipeline

from benchmarks.averaging_teachers import bring_any
from benchmarks.renamed_teachers import RENAMED, bring, renamed
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.config.training import DistilConfig
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.models import encoder
from labcore.models.family import FAMILIES
from labcore.runs.cache import cached_teacher
from labcore.runs.export_untrained import export
from labcore.runs.store import Store
from labcore.runs.teacher_models import load_for, max_tokens, sizes_of, tokenizer_for
from tests.shared.brought_teachers import run_of
from tests.shared.runs import student_folder
from tests.shared.tiny_tasks import give_task

EXACT = ("ernie", "roberta", "xlm-roberta", "camembert")
KINDS = [kind for kind in RENAMED if kind != "bert"]
TRIED = [kind for kind in KINDS if kind != "xlm-roberta"]  # RoBERTa's layout under another name
LEARNING = ("roberta", "distilbert")  # a tiny student of each kind is trained in test_family_students


@lru_cache
def small_encoded(count: int = 48):  # type: ignore[no-untyped-def]
    task = load_task("reviews")
    return encode(tokenizer_for("reviews"), task.splits["test"].spread(count), task.max_tokens)


@pytest.mark.parametrize("kind", KINDS)
def test_the_states_are_those_of_the_bert(kind: str) -> None:
    """Bit for bit if nothing but names and rows differs; to rounding if the first type's vector moved."""
    teacher = cached_teacher("reviews")
    model = renamed(teacher, kind)
    examples = small_encoded()
    row = torch.tensor([examples.tokens[0]])
    with torch.no_grad():
        first, second = (encoder.forward(each, row, None) for each in (teacher, model))
    for state, other in zip(first.states, second.states, strict=True):
        torch.testing.assert_close(state, other, atol=0 if kind in EXACT else 2e-5, rtol=0)
    if kind in EXACT:
        assert torch.equal(predict(model, examples), predict(teacher, examples))


@pytest.mark.full
@pytest.mark.parametrize("kind", TRIED)
def test_a_teacher_of_known_accuracy_has_students(
    kind: str, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checked, derived, saved; the student names the task's labels in transformers' pipeline. Two kinds are trained."""
    folder = bring(kind, tmp_path / "teacher")
    task = load_task("reviews")
    assert max_tokens(str(folder), "reviews") == task.max_tokens
    assert sizes_of(str(folder)).positions == 512
    predicted = predict(load_for(str(folder), "reviews").model, small_encoded(120))
    assert accuracy(predicted, small_encoded(120).labels) == pytest.approx(0.85, abs=0.06)

    sizes = {"train": 240, "validation": 60, "test": 80}
    splits = {name: each.spread(sizes[name]) for name, each in task.splits.items()}
    give_task(monkeypatch, replace(task, read=lambda: splits, transfer=None))
    steps = (KeepLayers(layers=(1, 3, 5)), TrimVocabulary(task=True))
    spec = Spec(teacher=str(folder), task="reviews", steps=steps, distil=DistilConfig(epochs=2, batch_size=16))
    export(spec, tmp_path / "derived")
    saved = [tmp_path / "derived"]
    if kind in LEARNING:
        run, _ = run_of(spec, store)
        assert run.result.teacher_accuracy > 0.7
        assert run.result.accuracy > 0.6
        saved.append(student_folder(store, run.id))
    for each in saved:
        names_the_labels(each, splits["test"], task.max_tokens)


def names_the_labels(saved: Path, examples: Examples, limit: int) -> None:
    """Transformers' pipeline gives the task's labels for a saved student, those that the lab predicts."""
    assert json.loads((saved / "tokenizer_config.json").read_text())["model_max_length"] == limit
    classify = pipeline("text-classification", str(saved))
    labels = [each["label"] for each in classify(list(examples.text), truncation=True)]
    encoded = encode(tokenizer_for(str(saved)), examples, limit)
    predicted = predict(load_for(str(saved), "reviews").model, encoded).argmax(-1)
    assert labels == [("negative", "positive")[int(label)] for label in predicted]


@pytest.mark.full
@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if kind not in RENAMED])
def test_a_family_of_another_layer_averages_word_vectors(kind: str, tmp_path: Path) -> None:
    """As many weights as the BERT, its tokens, and better than chance; by the head alone, the rest is not trained."""
    folder = bring_any(kind, tmp_path / "teacher")
    teacher, model = cached_teacher("reviews"), load_for(str(folder), "reviews").model
    assert accuracy(predict(model, small_encoded(400)), small_encoded(400).labels) == pytest.approx(0.71, abs=0.06)
    of_bert, own = (
        sum(module.weight.numel() for module in encoder.encoder_matrices(each).values())  # type: ignore[misc]
        for each in (teacher, model)
    )
    assert own == of_bert
