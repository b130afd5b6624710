"""An adapter as a teacher: it is merged into its base, or one line says what is wrong with either."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.steps import KeepLayers
from labcore.teacher.base_model import WEIGHTS
from labcore.teacher.identity import identity_of
from labcore.teacher.load import TeacherError, architecture_of, load_teacher, load_teacher_tokenizer
from tests.shared.brought_teachers import change_tensors, configure, logits_of


def adapter_of(base: Path, folder: Path) -> torch.Tensor:
    """Save a LoRA adapter of the model in `base`, with random weights; the logits of both merged."""
    torch.manual_seed(0)
    adapted = get_peft_model(
        load_teacher(str(base)),
        LoraConfig(task_type=TaskType.SEQ_CLS, r=2, target_modules=["query", "value"], init_lora_weights=False),
    )
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(str(folder))
    return logits_of(adapted)  # type: ignore[arg-type]


def test_an_adapter_is_merged_if_its_base_is_cached(folder: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    expected = adapter_of(folder, adapter)
    merged = load_teacher(str(adapter))
    assert type(merged) is BertForSequenceClassification
    torch.testing.assert_close(logits_of(merged), expected, atol=1e-5, rtol=0)
    assert len(load_teacher_tokenizer(str(adapter))) == 60
    assert architecture_of(str(adapter)) == architecture_of(str(folder))
    before = identity_of(str(adapter))
    change_tensors(folder, lambda tensors: tensors | {"classifier.bias": torch.ones(2)})
    assert identity_of(str(adapter)) != before  # it is another teacher on another base
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(TeacherError, match=r"an adapter of .*not on this machine"):
        load_teacher(str(adapter))


def layers_of(folder: Path, count: int) -> None:
    """Make the model in a folder one of fewer layers."""
    model = derive(load_teacher(str(folder)), [KeepLayers(count=count)]).model
    model.save_pretrained(folder)


def change_adapter(folder: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> None:
    file = folder / "adapter_model.safetensors"
    save_file(change(load_file(file)), file, metadata={"format": "pt"})


ADAPTERS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "the base's config says fewer layers": (
        lambda base, _: configure(base, num_hidden_layers=1),
        "num_hidden_layers 1",
    ),
    "the base's config says another width": (
        lambda base, _: configure(base, intermediate_size=48),
        "intermediate_size 48",
    ),
    "the base lost a layer": (lambda base, _: layers_of(base, 1), "holds|lacks|fit"),
    "the base's weights are not finite": (
        lambda base, _: change_tensors(base, lambda t: t | {"bert.pooler.dense.bias": torch.full((16,), torch.nan)}),
        "not finite",
    ),
    "a tensor of the adapter is missing": (
        lambda _, adapter: change_adapter(adapter, lambda t: {n: v for n, v in t.items() if "layer.1" not in n}),
        "lacks .*layer.1",
    ),
    "a tensor too many": (
        lambda _, adapter: change_adapter(
            adapter, lambda t: t | {"base_model.model.extra.lora_A.weight": torch.ones(2)}
        ),
        "holds .*extra",
    ),
    "no classifier": (
        lambda _, adapter: change_adapter(adapter, lambda t: {n: v for n, v in t.items() if "classifier" not in n}),
        "holds no classifier",
    ),
}


@pytest.mark.parametrize("row", ADAPTERS)
def test_an_adapter_and_its_base_go_through_the_same_door(folder: Path, tmp_path: Path, row: str) -> None:
    adapter = tmp_path / "adapter"
    adapter_of(folder, adapter)
    change, words = ADAPTERS[row]
    change(folder, adapter)
    with pytest.raises(TeacherError, match=words):
        load_teacher(str(adapter))


def test_an_adapter_of_itself_or_of_another_adapter_is_refused(folder: Path, tmp_path: Path) -> None:
    adapter_of(folder, tmp_path / "first")
    adapter_of(folder, tmp_path / "second")
    path = tmp_path / "second" / "adapter_config.json"
    for base in ("first", "second"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": str(tmp_path / base)}))
        with pytest.raises(TeacherError, match="an adapter itself"):
            load_teacher(str(tmp_path / "second"))
        identity_of(str(tmp_path / "second"))


def test_an_adapter_of_the_labs_own_base_is_merged() -> None:
    """The lab's adapter, brought as a folder of one's own: the base is known by its name, and needs no classifier."""
    brought = load_teacher(str(WEIGHTS / "reviews"))
    for name, tensor in load_teacher("reviews").state_dict().items():
        assert torch.equal(brought.state_dict()[name], tensor), name


def test_an_adapter_beside_a_model_is_ambiguous(folder: Path) -> None:
    adapter_of(folder, folder)
    with pytest.raises(TeacherError, match="a model and an adapter"):
        load_teacher(str(folder))
