"""A tiny teacher of each family as people bring it: checked, its student trained by every loss, saved and shared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import pipeline

import labcore.compress
from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.steps import Factorise, FactoriseEmbeddings, KeepLayers, Manual, Prune, PruneHeads, TrimVocabulary
from labcore.data.tasks import Task
from labcore.models import encoder
from labcore.models.structure import structure_of
from labcore.runs.export_untrained import export
from labcore.runs.predict import predict_text
from labcore.runs.store import Store
from labcore.runs.teacher_models import max_tokens, sizes_of
from tests.shared.brought_teachers import run_of, spec_of
from tests.shared.runs import student_folder
from tests.shared.tiny_families import BY_KIND, tiny_family
from tests.shared.tiny_tasks import give_task, task_of
from tests.shared.tiny_tokenizers import phrases, tokenizer_of

ALL_LOSSES = {term.name: 0.5 for term in LOSS_TERMS}


@pytest.fixture(params=BY_KIND)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tiny model of each family with its tokenizer, as save_pretrained writes them."""
    folder = tmp_path / str(request.param)
    tiny_family(request.param).save_pretrained(folder)
    tokenizer_of(request.param).save_pretrained(folder)
    return folder


@pytest.fixture
def task(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task that the teacher does; it allows more tokens than the teacher has positions."""
    column = phrases()
    made = replace(task_of(folder, lambda i: column[i]), label_names=("bad", "good"), max_tokens=100)
    give_task(monkeypatch, made)
    return made


def test_every_loss_trains_and_the_students_name_their_labels(
    folder: Path, task: Task, store: Store, tmp_path: Path
) -> None:
    limit = sizes_of(str(folder)).positions
    assert max_tokens(str(folder), task.name) == limit < 30
    spec = spec_of(folder, KeepLayers(count=2), TrimVocabulary(task=True), **ALL_LOSSES, hidden_at="tokens")
    run, events = run_of(spec, store)
    assert run.result.teacher_accuracy > 0.7
    steps = [event for event in events if event.event == "step"]
    assert steps
    assert all(set(event.losses) == set(ALL_LOSSES) for event in steps)
    export(spec, tmp_path / "derived")
    for saved in (student_folder(store, run.id), tmp_path / "derived"):
        assert json.loads((saved / "config.json").read_text())["id2label"] == {"0": "bad", "1": "good"}
        assert json.loads((saved / "tokenizer_config.json").read_text())["model_max_length"] == limit
        classify = pipeline("text-classification", str(saved))
        rows = list(task.splits["test"].text)
        said = classify([*rows, " ".join(rows)], truncation=True)
        model = labcore.compress.load(saved)
        assert encoder.architecture_of(model).positions == limit
        ids = classify.tokenizer(rows[0], return_tensors="pt")["input_ids"]
        with torch.no_grad():
            name = ("bad", "good")[int(encoder.forward(model, ids, None).logits.argmax())]
        assert said[0]["label"] == name
        assert {each["label"] for each in said} <= {"bad", "good"}
    assert predict_text(run, rows[0], store)


def test_students_that_are_no_plain_members_are_trained_and_loaded(folder: Path, task: Task, store: Store) -> None:
    steps = (PruneHeads(2), FactoriseEmbeddings(6), Factorise(4), Prune(0.3))
    run, _ = run_of(spec_of(folder, *steps, hidden=0.5), store)
    model = store.student(run.id).model
    assert not structure_of(model).plain
    ids = torch.tensor([[2, 7, 9, 11, 3]])
    with torch.no_grad():
        own = model(input_ids=ids).logits
        torch.testing.assert_close(own, encoder.forward(model, ids, None).logits, atol=1e-5, rtol=1e-4)
        assert torch.equal(labcore.compress.load(student_folder(store, run.id))(input_ids=ids).logits, own)


def test_a_new_student_initialised_from_the_teacher_is_trained(folder: Path, task: Task, store: Store) -> None:
    steps = (Manual(hidden=8, layers=2, heads=2, intermediate=16, init="teacher"),)
    run, _ = run_of(spec_of(folder, *steps, hidden=0.5), store)
    assert run.result.accuracy >= 0
    assert encoder.architecture_of(store.student(run.id).model).hidden == 8
