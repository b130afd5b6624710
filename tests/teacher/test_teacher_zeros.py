"""Zeros of a teacher's own are counted, and those of a pruned student stay zero in whatever trains it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import labcore.compress
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads
from labcore.count.parameters import count
from labcore.data.tasks import Task
from labcore.runs.cache import cached_student, counted
from labcore.runs.store import Store
from labcore.runs.teacher_models import load_for
from labcore.teacher.base_model import ROWS_WITH_A_ZERO
from labcore.teacher.load import load_teacher
from tests.shared.brought_teachers import IDS, change_tensors, run_of, spec_of
from tests.shared.runs import student_folder


def test_a_teachers_own_zeros_are_counted(folder: Path, task: Task) -> None:
    def sparse(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        draw = torch.Generator().manual_seed(0)
        return {
            name: t * (torch.rand(t.shape, generator=draw) > 0.8) if ".layer." in name and t.dim() == 2 else t
            for name, t in tensors.items()
        }

    change_tensors(folder, sparse)
    truth = sum(int((t != 0).sum()) for t in load_file(folder / "model.safetensors").values())
    assert truth < 0.7 * count(load_for(str(folder), "reviews")).total
    for steps in (
        (),
        (KeepLayers(count=1),),
        (Prune(0.5),),
        (Prune(0.9, "global"),),
        (PruneHeads(2),),
        (Factorise(3),),
    ):
        spec = Spec(teacher=str(folder), task="reviews", steps=steps)
        comparison, student = counted(spec), cached_student(spec)
        assert comparison.teacher.nonzero == truth
        assert comparison.student.nonzero == sum(int((p != 0).sum()) for p in student.model.parameters()), steps


def test_the_labs_own_teachers_hold_the_zeros_that_are_reported() -> None:
    for name in ("reviews", "news"):
        model = load_teacher(name)
        zeros = [
            (name, int(row)) for name, p in model.named_parameters() if p.dim() > 1 for row in (p == 0).nonzero()[:, 0]
        ]
        assert [row for _, row in zeros] == list(ROWS_WITH_A_ZERO)
        assert {name for name, _ in zeros} == {"bert.embeddings.word_embeddings.weight"}
        assert counted(Spec(teacher=name, task=name)).teacher.nonzero == sum(
            int((p != 0).sum()) for p in model.parameters()
        )


def test_a_pruned_student_that_is_a_plain_bert_holds_its_zeros_as_a_teacher(
    folder: Path, task: Task, store: Store
) -> None:
    run, _ = run_of(spec_of(folder, KeepLayers(count=1), Prune(0.6), epochs=1), store)
    saved = student_folder(store, run.id)
    assert (saved / "model.safetensors").is_file()
    again, _ = run_of(
        Spec(teacher=str(saved), task="reviews", steps=(), distil=DistilConfig(steps=4, batch_size=8)), store
    )
    held = run.counts.student.total - run.counts.student.nonzero
    assert again.counts.student.total - again.counts.student.nonzero >= held > 1000
    with pytest.raises(SpecError, match="put 'prune' last"):
        counted(spec_of(saved, Factorise(3)))


def test_a_student_in_half_precision_keeps_its_zeros(folder: Path, task: Task, store: Store) -> None:
    run, _ = run_of(spec_of(folder, Prune(0.5)), store)
    model = labcore.compress.load(student_folder(store, run.id)).bfloat16()
    model.train()(input_ids=IDS, labels=torch.tensor([0, 1])).loss.backward()
    weight = model.bert.encoder.layer[0].output.dense.weight  # type: ignore[union-attr]
    assert weight.grad is not None
    assert not weight.grad[weight == 0].any()


def test_zeros_stay_in_a_loop_of_ones_own(folder: Path, task: Task, store: Store) -> None:
    run, _ = run_of(spec_of(folder, Factorise(4), Prune(0.5)), store)
    model = labcore.compress.load(student_folder(store, run.id))
    zeros = sum(int((p == 0).sum()) for p in model.parameters())
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(5):
        optimiser.zero_grad()
        model.train()(input_ids=IDS, labels=torch.tensor([0, 1])).loss.backward()
        optimiser.step()
    assert sum(int((p == 0).sum()) for p in model.parameters()) == zeros
    with pytest.raises(SpecError):
        model.save_pretrained(folder)
