"""What people brought and the lab once misread: each now gives the right value."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.nn.utils import prune as torch_prune
from transformers import BertModel

import labcore.compress
from labcore.compress.derive import derive
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads
from labcore.config.training import DistilConfig
from labcore.distil.losses import soft_loss
from labcore.distil.targets import targets_key
from labcore.results.findings import never_improved
from labcore.runs.assistants import chain_to_run
from labcore.runs.cache import counted
from labcore.runs.teacher_check import check_teacher
from labcore.teacher.load import load_teacher, load_teacher_tokenizer
from tests.shared.brought_teachers import IDS, Brought, flipped, logits_of, zeros
from tests.shared.runs import student_folder


def test_an_older_config_and_a_wrappers_prefix_are_taken(brought: Brought) -> None:
    expected = logits_of(load_teacher(str(brought.folder)))
    data = json.loads((brought.folder / "config.json").read_text())
    del data["model_type"]
    (brought.folder / "config.json").write_text(json.dumps(data))
    brought.tensors(lambda tensors: {f"module.{name}": tensor for name, tensor in tensors.items()})
    assert torch.equal(logits_of(load_teacher(str(brought.folder))), expected)


def test_an_adapter_beside_a_config_is_merged(brought: Brought, tmp_path: Path) -> None:
    config = LoraConfig(task_type=TaskType.SEQ_CLS, r=2, target_modules=["query"], init_lora_weights=False)
    adapted = get_peft_model(load_teacher(str(brought.folder)), config)
    adapted.peft_config["default"].base_model_name_or_path = str(brought.folder)
    adapted.save_pretrained(str(tmp_path / "adapter"))
    shutil.copy(brought.folder / "config.json", tmp_path / "adapter")
    loaded = load_teacher(str(tmp_path / "adapter"))
    torch.testing.assert_close(logits_of(loaded), logits_of(adapted), atol=1e-5, rtol=0)  # type: ignore[arg-type]


def test_same_weights_another_activation(brought: Brought) -> None:
    from tests.shared.tiny import tiny_examples

    first = load_teacher(str(brought.folder))
    second = load_teacher(str(brought.config(hidden_act="relu").folder))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    keys = {targets_key(model, tiny_examples(5), states=False, bf16=False).file for model in (first, second)}
    assert len(keys) == 2


def test_zeros_are_counted_whoever_made_them(brought: Brought) -> None:
    run = brought.run(brought.spec(KeepLayers(count=1)))  # training moves them, unless they are pruned
    assert run.counts is not None
    assert run.counts.student.nonzero == run.result.counts["student"]["nonzero"]
    assert run.counts.student.total - run.counts.student.nonzero == zeros(
        labcore.compress.load(student_folder(brought.store, run.id))
    )
    brought.tensors(
        lambda t: {
            n: v * (torch.arange(v.numel()).view(v.shape) % 5 == 0) if ".layer." in n else v for n, v in t.items()
        }
    )
    counts = counted(brought.spec(KeepLayers(count=2))).student
    assert counts.total - counts.nonzero == zeros(load_teacher(str(brought.folder))) > 0.4 * counts.total
    reviews = counted(Spec()).teacher
    assert reviews.nonzero == 22_713_983  # what (p != 0).sum() says, as the grader does


def test_labels_are_matched_by_their_names(brought: Brought) -> None:
    before = check_teacher(str(brought.folder), "reviews")
    brought.tensors(flipped).config(id2label={"0": "POSITIVE", "1": "NEGATIVE"})
    after = check_teacher(str(brought.folder), "reviews")
    assert before is not None
    assert after is not None
    assert before.accuracy == after.accuracy > 0.8


def test_a_learning_rate_of_ten(brought: Brought) -> None:
    run = brought.run(brought.spec(KeepLayers(count=2), learning_rate=10.0))
    assert never_improved(run.result.findings)
    card = (student_folder(brought.store, run.id) / "README.md").read_text()
    assert "did not improve" in card
    assert "and distilled by it" not in card


@pytest.mark.parametrize("temperature", [1e4, 1e6])
def test_soft_loss_at_high_temperatures(temperature: float) -> None:
    """For high temperatures it is the squared distance of the centred logits over 2·C, and never negative."""
    student, teacher = torch.tensor([[0.3, -0.2]]), torch.tensor([[2.0, -1.5]])
    apart = (student - teacher) - (student - teacher).mean()
    assert float(soft_loss(student, teacher, temperature)) == pytest.approx(float(apart.square().sum()) / 4, rel=1e-3)


def test_steps_as_dicts_and_numbers_of_numpy(brought: Brought) -> None:
    teacher = load_teacher(str(brought.folder))
    as_data: Any = [{"kind": "keep_layers", "count": 1}, {"kind": "factorise", "rank": np.int64(3)}]
    assert derive(teacher, as_data).steps == (KeepLayers(count=1), Factorise(3))
    assert Spec(steps=as_data, distil=DistilConfig(hard=np.float32(0.5))).distil.hard == 0.5  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="kind"):
        derive(teacher, [{"count": 1}])  # type: ignore[list-item]


def test_an_assistants_run_of_replaced_weights_does_not_teach_on(brought: Brought) -> None:
    middle = brought.spec()
    small = replace(middle, steps=(KeepLayers(count=1), Prune(0.5)), assistant=middle)
    run = brought.run(middle)
    assert brought.store.find(middle) == run
    brought.tensors(lambda t: t | {"bert.pooler.dense.bias": t["bert.pooler.dense.bias"] + 0.01})
    assert chain_to_run(small, brought.store) == [middle, small]


def test_a_sparse_student_in_a_loop_of_ones_own(brought: Brought) -> None:
    run = brought.run(brought.spec(Prune(0.8)))
    model = labcore.compress.load(student_folder(brought.store, run.id))
    before = zeros(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(3):
        optimiser.zero_grad()
        model.train()(input_ids=IDS, labels=torch.tensor([0, 1])).loss.backward()
        optimiser.step()
    assert zeros(model) == before > 2000


def test_models_in_the_cache(brought: Brought) -> None:
    teacher = load_teacher(str(brought.folder))
    half = derive(copy.deepcopy(teacher).half(), [Factorise(3)]).model
    assert {p.dtype for p in half.parameters()} == {torch.float32}
    expected = logits_of(derive(teacher, [Factorise(3)]).model)
    for wrapped in (torch.compile(teacher), torch.nn.DataParallel(teacher)):
        assert torch.equal(logits_of(derive(wrapped, [Factorise(3)]).model), expected)  # type: ignore[arg-type]
    masked = copy.deepcopy(teacher)
    torch_prune.l1_unstructured(masked.bert.pooler.dense, "weight", 0.5)  # type: ignore[union-attr]
    for given, words in ((BertModel(teacher.config), "no classifier"), (masked, r"prune\.remove"), (None, "NoneType")):
        with pytest.raises(SpecError, match=words):
            derive(given, [])  # type: ignore[arg-type]


def test_names_travel_and_an_odd_student_is_not_saved_as_a_plain_one(brought: Brought, tmp_path: Path) -> None:
    run = brought.run(brought.spec(PruneHeads(2)))
    folder = student_folder(brought.store, run.id)
    model = labcore.compress.load(folder)
    assert model.config.id2label == {0: "negative", 1: "positive"}
    assert load_teacher_tokenizer(str(brought.folder)).model_max_length != 24
    assert json.loads((folder / "tokenizer_config.json").read_text())["model_max_length"] == 24
    with pytest.raises(SpecError, match=r"labcore\.compress"):
        model.save_pretrained(tmp_path / "elsewhere")
    trained = brought.run(replace(brought.spec(), teacher=str(folder)))
    assert trained.counts is not None
    assert run.counts is not None
    assert trained.counts.teacher.total == run.counts.student.total
