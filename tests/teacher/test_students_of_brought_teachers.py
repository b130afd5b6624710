"""Students of a brought teacher: what is saved with them, how they teach on, and what a replaced teacher changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.__main__ import main
from labcore.compress.derive import derive
from labcore.compress.student_folder import load_student
from labcore.config.spec import SpecError
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads
from labcore.count.parameters import count
from labcore.data.tasks import Task
from labcore.evaluate.provenance import teacher_gone_in_words, teacher_unchanged
from labcore.runs.assistants import chain_to_run
from labcore.runs.cache import counted, gradients_at_start
from labcore.runs.store import Store
from labcore.teacher.load import TeacherError, load_teacher
from tests.shared.brought_teachers import change_tensors, run_of, spec_of
from tests.shared.runs import student_folder


def test_a_run_of_replaced_weights_is_no_teacher(folder: Path, task: Task, store: Store) -> None:
    middle = spec_of(folder)
    small = replace(middle, steps=(KeepLayers(count=1), Prune(0.5)), assistant=middle)
    run, _ = run_of(middle, store)
    assert store.find(middle) == run
    assert chain_to_run(small, store) == [small]
    assert teacher_gone_in_words(run) == ""
    change_tensors(folder, lambda t: t | {"bert.pooler.dense.bias": t["bert.pooler.dense.bias"] + 0.01})
    assert not teacher_unchanged(run)
    assert store.find(middle) is None
    assert chain_to_run(small, store) == [middle, small]
    assert "were replaced" in teacher_gone_in_words(run)
    folder.rename(folder.with_name("moved"))
    assert "no longer where it was" in teacher_gone_in_words(run)


def test_names_and_token_limit_travel(folder: Path, task: Task, store: Store) -> None:
    run, _ = run_of(spec_of(folder), store)
    saved = student_folder(store, run.id)
    config = json.loads((saved / "config.json").read_text())
    assert config["id2label"] == {"0": "bad", "1": "good"}
    assert config["label2id"] == {"bad": 0, "good": 1}
    assert json.loads((saved / "tokenizer_config.json").read_text())["model_max_length"] == 24
    assert json.loads((saved / "tokenizer.json").read_text())["truncation"] is None


def test_an_odd_student_refuses_save_pretrained(folder: Path, tmp_path: Path) -> None:
    teacher = load_teacher(str(folder))
    for steps in ([Factorise(3)], [PruneHeads(2)], [Factorise(3), Prune(0.5)]):
        with pytest.raises(SpecError, match=r"labcore.compress"):
            derive(teacher, steps).model.save_pretrained(tmp_path / "odd")
        assert not (tmp_path / "odd").exists()
    derive(teacher, [KeepLayers(count=1), Prune(0.5)]).model.save_pretrained(tmp_path / "plain")
    assert type(teacher) is BertForSequenceClassification


def test_a_saved_student_is_a_teacher(folder: Path, task: Task, store: Store) -> None:
    """Also one that is no plain BERT; its zeros stay held, and its counts are its own."""
    run, _ = run_of(spec_of(folder, PruneHeads(3), Prune(0.2), epochs=30, learning_rate=3e-3), store)
    saved = student_folder(store, run.id)
    with pytest.raises(TeacherError, match=r"labcore.compress.load"):
        load_teacher(str(saved))
    first = load_student(saved)
    next_run, _ = run_of(spec_of(saved, KeepLayers(count=1)), store)
    assert next_run.counts.teacher == count(first)
    student = store.student(next_run.id)
    kept = [int((student.model.get_parameter(name) == 0).sum()) for name in student.zeros]
    assert kept
    assert sum(kept) >= sum(first.zeros.values()) // 2 - 1
    assert counted(spec_of(saved, KeepLayers(count=1))).student.total == next_run.counts.student.total
    with pytest.raises(SpecError, match="put 'prune' last"):
        counted(spec_of(saved, Factorise(3)))


def test_derive_vouches_for_the_teacher_and_draws_a_random_start(
    folder: Path, task: Task, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def derived(out: str, **distil: Any) -> tuple[int, str]:
        file = tmp_path / "spec.json"
        file.write_text(spec_of(folder, KeepLayers(count=2), **distil).to_json())
        return main(["derive", "--spec", str(file), "--out", str(tmp_path / out)]), capsys.readouterr().err

    status, said = derived("plain")
    assert status == 0
    assert "steps[0] has no effect" in said  # there are two layers
    assert derived("random", start="random", seed=3)[0] == 0
    plain, drawn = (load_student(tmp_path / name).model for name in ("plain", "random"))
    teacher = load_teacher(str(folder))
    assert torch.equal(plain.bert.pooler.dense.weight, teacher.bert.pooler.dense.weight)  # type: ignore[union-attr]
    assert 0.015 < float(drawn.bert.pooler.dense.weight.std()) < 0.025  # type: ignore[union-attr]
    change_tensors(folder, lambda t: t | {n: t[n].flip(0) for n in ("classifier.weight", "classifier.bias")})
    status, said = derived("flipped")
    assert status == 2
    assert "another order" in said
    assert not (tmp_path / "flipped").exists()


def test_the_gradient_at_the_start_is_that_of_the_student_that_is_trained(
    folder: Path, task: Task, store: Store
) -> None:
    norms = []
    for start in ("derived", "random"):
        spec = spec_of(folder, KeepLayers(count=1), start=start, steps=1)
        norms.append(gradients_at_start(spec).norms)
    assert norms[0] != norms[1]
