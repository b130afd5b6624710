"""A teacher made in Python, wrapped, in half precision or frozen: a student is derived of it, or it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.nn.utils import prune as torch_prune
from transformers import BertConfig, BertModel

from labcore.compress.derive import derive
from labcore.config.spec import SpecError
from labcore.config.steps import Factorise, Prune
from labcore.teacher.load import load_teacher
from tests.shared.brought_teachers import logits_of


def test_wrapped_and_half_precision_models_are_taken(folder: Path) -> None:
    teacher = load_teacher(str(folder))
    steps = [Factorise(4), Prune(0.5)]
    expected = logits_of(derive(teacher, steps).model)
    for wrapped in (torch.compile(teacher), torch.nn.DataParallel(teacher)):
        assert torch.equal(logits_of(derive(wrapped, steps).model), expected)  # type: ignore[arg-type]
    half = derive(load_teacher(str(folder)).half(), steps)
    assert {p.dtype for p in half.model.parameters()} == {torch.float32}
    torch.testing.assert_close(logits_of(half.model), expected, atol=0.05, rtol=0)
    torch.manual_seed(0)
    config = LoraConfig(task_type=TaskType.SEQ_CLS, r=2, target_modules=["query"], init_lora_weights=False)
    adapted = get_peft_model(load_teacher(str(folder)), config)
    before = {name: tensor.clone() for name, tensor in adapted.state_dict().items()}
    copied = derive(adapted, []).model  # type: ignore[arg-type]
    torch.testing.assert_close(logits_of(copied), logits_of(adapted), atol=1e-5, rtol=0)  # type: ignore[arg-type]
    assert all(torch.equal(before[name], tensor) for name, tensor in adapted.state_dict().items())


def test_other_models_are_refused_in_a_sentence(folder: Path) -> None:
    with pytest.raises(SpecError, match="BertModel, which is no classifier"):
        derive(BertModel(BertConfig.from_pretrained(folder)), [])  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="is of type str; give"):
        derive(str(folder), [])  # type: ignore[arg-type]
    masked = load_teacher(str(folder))
    torch_prune.l1_unstructured(masked.bert.pooler.dense, "weight", 0.5)  # type: ignore[union-attr]
    with pytest.raises(SpecError, match=r"prune.remove"):
        derive(masked, [])


def test_a_frozen_teachers_student_can_be_trained(folder: Path) -> None:
    teacher = load_teacher(str(folder)).requires_grad_(False)
    assert all(p.requires_grad for p in derive(teacher, [Factorise(3)]).model.parameters())
    assert not any(p.requires_grad for p in teacher.parameters())
