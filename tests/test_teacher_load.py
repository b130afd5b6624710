"""Teachers: the checked base, the adapter merged, folders, and what a broken one says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file
from transformers import BertForSequenceClassification, DistilBertConfig

from labcore.teacher import bert, load
from labcore.teacher.load import TeacherError

REVIEWS = load.WEIGHTS / "reviews"
IDS = torch.tensor([[101, 2023, 2003, 1037, 2307, 3185, 102]])


@pytest.fixture(scope="module")
def reviews() -> BertForSequenceClassification:
    return load.load_teacher("reviews")


@torch.no_grad()
def answer(model: BertForSequenceClassification) -> torch.Tensor:
    return model(input_ids=IDS % model.config.vocab_size).logits


def test_reviews_is_the_base_plus_alpha_over_r_times_b_a(reviews: BertForSequenceClassification) -> None:
    config = json.loads((REVIEWS / "adapter_config.json").read_text())
    tensors = load_file(REVIEWS / "adapter_model.safetensors")
    expected = load.load_base(num_labels=2).state_dict()
    for key, tensor in tensors.items():
        name = key.removeprefix("base_model.model.")
        if name.endswith(".lora_A.weight"):
            b = tensors[key.replace(".lora_A.", ".lora_B.")].float()
            expected[name.replace(".lora_A.", ".")] += config["lora_alpha"] / config["r"] * b @ tensor.float()
        elif ".lora_B." not in name:
            expected[name] = tensor.float()
    found = reviews.state_dict()
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-5, rtol=0)


def test_reviews_is_a_plain_trainable_model_in_evaluation_mode(reviews: BertForSequenceClassification) -> None:
    assert type(reviews) is BertForSequenceClassification
    assert not reviews.training
    assert all(p.requires_grad and p.dtype == torch.float32 for p in reviews.parameters())
    assert bert.architecture_of(reviews) == load.architecture_of("reviews")


def test_reviews_tells_praise_from_blame(reviews: BertForSequenceClassification) -> None:
    tokenizer = load.load_teacher_tokenizer("reviews")
    batch = tokenizer(
        ["a dull , lifeless mess .", "a moving , beautifully acted film ."], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        assert reviews(**batch).logits.argmax(-1).tolist() == [0, 1]


def test_adapter_is_small_half_precision_and_names_no_machine() -> None:
    assert sum(file.stat().st_size for file in REVIEWS.iterdir()) <= 3_000_000
    assert {t.dtype for t in load_file(REVIEWS / "adapter_model.safetensors").values()} == {torch.float16}
    config = (REVIEWS / "adapter_config.json").read_text()
    assert json.loads(config)["base_model_name_or_path"] == load.BASE_ID
    assert "/work" not in config
    assert "/home" not in config


def test_card_repeats_its_own_figures_and_they_are_good_enough() -> None:
    card = (REVIEWS / "README.md").read_text()
    _, front, text = card.split("---\n", 2)
    results = yaml.safe_load(front)["model-index"][0]["results"]
    figures = {result["dataset"]["split"]: result["metrics"][0]["value"] for result in results}
    assert figures.keys() == {"validation", "test"}
    for split, accuracy in figures.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {split} |"))
        assert f"{accuracy:.4f}" in row
    assert figures["test"] >= 0.84
    assert load.BASE_SHA256 in text


def test_a_tampered_base_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = load.base_folder()
    shutil.copy(base / "config.json", tmp_path)
    content = bytearray((base / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(content)
    monkeypatch.setattr(load, "base_folder", lambda: tmp_path)
    with pytest.raises(TeacherError, match=load.BASE_SHA256):
        load.load_base(num_labels=2)


def test_without_the_package_the_base_comes_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    package = load.base_folder()
    asked = []

    def snapshot_download(repository: str, *, allow_patterns: list[str]) -> str:
        asked.append(repository)
        assert all((package / name).is_file() for name in allow_patterns)
        return str(package)

    monkeypatch.setattr(load, "BASE_PACKAGE", "no_such_package")
    monkeypatch.setattr(load.huggingface_hub, "snapshot_download", snapshot_download)
    load.load_base(num_labels=3)
    assert len(load.load_tokenizer()) == 30522
    assert asked == [load.BASE_ID] * 2


def test_without_package_and_network_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> str:
        raise FileNotFoundError("no network")

    monkeypatch.setattr(load, "BASE_PACKAGE", "no_such_package")
    monkeypatch.setattr(load.huggingface_hub, "snapshot_download", offline)
    with pytest.raises(TeacherError, match="go online"):
        load.load_base(num_labels=2)


def test_a_saved_folder_loads_with_equal_logits(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.save_pretrained(tmp_path)
    loaded = load.load_teacher(str(tmp_path))
    assert not loaded.training
    torch.testing.assert_close(answer(loaded), answer(tiny), atol=1e-6, rtol=0)


def test_a_half_precision_folder_loads_in_single(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.half().save_pretrained(tmp_path)
    assert {p.dtype for p in load.load_teacher(str(tmp_path)).parameters()} == {torch.float32}


def test_truncated_weights_are_refused(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(TeacherError, match="can't be loaded"):
        load.load_teacher(str(tmp_path))


def test_pickled_weights_are_refused(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.config.save_pretrained(tmp_path)
    torch.save(tiny.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(TeacherError, match="safetensors"):
        load.load_teacher(str(tmp_path))


def test_a_bert_without_a_classifier_is_refused(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.bert.save_pretrained(tmp_path)
    with pytest.raises(TeacherError, match="classifier"):
        load.load_teacher(str(tmp_path))


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    DistilBertConfig().save_pretrained(tmp_path)
    with pytest.raises(TeacherError, match="distilbert"):
        load.load_teacher(str(tmp_path))


def test_an_unknown_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for read in (load.load_teacher, load.load_teacher_tokenizer):
        with pytest.raises(TeacherError):
            read(str(tmp_path / "nothing"))


def test_a_broken_adapter_is_refused(tmp_path: Path) -> None:
    shutil.copytree(REVIEWS, tmp_path / "adapter")
    file = tmp_path / "adapter" / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(TeacherError, match="finetune_reviews"):
        load.merge_adapter(load.load_base(num_labels=2), tmp_path / "adapter")
