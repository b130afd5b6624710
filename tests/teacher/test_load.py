"""Teachers: the checked base, the adapter merged, folders, and what a broken one says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file
from transformers import AlbertConfig, BertForSequenceClassification

from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune.lora import teacher_examples
from labcore.finetune.teacher_card import card
from labcore.models import encoder
from labcore.teacher import load
from labcore.teacher.built_in import TASK_OF, TEACHERS
from labcore.teacher.load import TeacherError

NAMES = tuple(TEACHERS)
LEAST = {"reviews": ("test", 0.84), "news": ("test", 0.96), "cued-95": ("agrees", 0.97), "cued-80": ("agrees", 0.85)}
IDS = torch.tensor([[101, 2023, 2003, 1037, 2307, 3185, 102]])


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def teacher(name: str) -> BertForSequenceClassification:
    return load.load_teacher(name)


@torch.no_grad()
def logits_of(model: BertForSequenceClassification) -> torch.Tensor:
    return model(input_ids=IDS % model.config.vocab_size).logits


def test_it_is_the_base_plus_alpha_over_r_times_b_a(name: str, teacher: BertForSequenceClassification) -> None:
    config = json.loads((load.WEIGHTS / name / "adapter_config.json").read_text())
    tensors = load_file(load.WEIGHTS / name / "adapter_model.safetensors")
    expected = load.load_base(TEACHERS[name].labels).state_dict()
    for key, tensor in tensors.items():
        name = key.removeprefix("base_model.model.")
        if name.endswith(".lora_A.weight"):
            b = tensors[key.replace(".lora_A.", ".lora_B.")].float()
            expected[name.replace(".lora_A.", ".")] += config["lora_alpha"] / config["r"] * b @ tensor.float()
        elif ".lora_B." not in name:
            expected[name] = tensor.float()
    weights = teacher.state_dict()
    assert weights.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(weights[name], tensor, atol=1e-5, rtol=0)


def test_it_is_a_plain_trainable_model_in_evaluation_mode(name: str, teacher: BertForSequenceClassification) -> None:
    assert type(teacher) is BertForSequenceClassification
    assert not teacher.training
    assert all(p.requires_grad and p.dtype == torch.float32 for p in teacher.parameters())
    assert encoder.architecture_of(teacher) == load.architecture_of(name)


# In the order of the labels, and in words that no split holds.
PLAIN = {
    "reviews": ["a dull , lifeless mess .", "a moving , beautifully acted film ."],
    "news": [
        "The bank's profits fell in the fourth quarter as the strong dollar hurt exports, and its shares lost 3%.",
        "The singer won two awards for her debut album, ahead of the band whose single topped the pop chart.",
        "The prime minister told MPs that the Tories would cut public services if they won the election.",
        "The striker scored twice in the second half as Chelsea beat Arsenal in the FA Cup semi-final.",
        "The security firm warned that the virus spreads by e-mail and attacks computers that run old software.",
    ],
}


def test_it_tells_plain_cases_apart_in_the_order_of_the_labels(
    name: str, teacher: BertForSequenceClassification
) -> None:
    cases = PLAIN[name if name in PLAIN else "reviews"]
    batch = load.load_teacher_tokenizer(name)(cases, padding=True, return_tensors="pt")
    with torch.no_grad():
        assert teacher(**batch).logits.argmax(-1).tolist() == list(range(len(cases)))


@pytest.mark.full
def test_its_accuracy_on_some_of_validation_agrees_with_its_card(
    name: str, teacher: BertForSequenceClassification
) -> None:
    """The whole split takes too long here: the first 300 examples, 80 of news, within four standard errors."""
    some, split = 80 if name == "news" else 300, teacher_examples(name)[1]["validation"]
    longest = load_task(TASK_OF[name]).max_tokens
    validation = encode(load.load_tokenizer(), split.select(range(some)), longest)
    said = figures_in(name)["validation"]["accuracy"]
    right = accuracy(predict(teacher, validation), validation.labels)
    assert abs(right - said) < 4 * (said * (1 - said) / some) ** 0.5


def test_adapter_is_small_half_precision_and_names_no_machine(name: str) -> None:
    folder = load.WEIGHTS / name
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 3_000_000
    assert {t.dtype for t in load_file(folder / "adapter_model.safetensors").values()} == {torch.float16}
    config = (folder / "adapter_config.json").read_text()
    assert json.loads(config)["base_model_name_or_path"] == load.BASE_ID
    assert '"/' not in config  # no path from a root


def figures_in(name: str) -> dict[str, dict[str, float]]:
    """What a teacher's card says of each split: the accuracy of its front matter, the rest of its table."""
    _, front, text = (load.WEIGHTS / name / "README.md").read_text().split("---\n", 2)
    results = yaml.safe_load(front)["model-index"][0]["results"]
    figures = {result["dataset"]["split"]: {"accuracy": result["metrics"][0]["value"]} for result in results}
    for split, of in figures.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {split} |"))
        of["standard_error"], of["loss"] = (float(cell) for cell in row.split("|")[4:6])
    return figures


def test_card_is_what_its_figures_and_its_recipe_make(name: str) -> None:
    figures, (train, evaluated) = figures_in(name), teacher_examples(name)
    assert figures.keys() == evaluated.keys()
    text = (load.WEIGHTS / name / "README.md").read_text()
    sizes = {group: len(examples) for group, examples in ({"train": train} | evaluated).items()}
    assert card(name, figures, sizes, seed=0) == text
    group, least = LEAST[name]
    assert figures[group]["accuracy"] >= least
    for split, of in figures.items():
        share = of["accuracy"]
        right = share * sizes[split]
        assert right == pytest.approx(round(right), abs=1e-3)
        assert of["standard_error"] == pytest.approx((share * (1 - share) / sizes[split]) ** 0.5, abs=5e-5)
    assert load.BASE_SHA256 in text


def test_the_base_keeps_its_published_name_and_names_no_folder(tmp_path: Path) -> None:
    base = load.load_base(2)
    assert base.config.name_or_path == "nreimers/MiniLM-L6-H384-uncased"
    base.config.save_pretrained(tmp_path)
    assert str(load.base_folder()) not in (tmp_path / "config.json").read_text(encoding="utf-8")


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


def test_without_package_and_network_the_error_gives_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
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
    torch.testing.assert_close(logits_of(loaded), logits_of(tiny), atol=1e-6, rtol=0)


def test_a_half_precision_folder_loads_in_single(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.half().save_pretrained(tmp_path)
    assert {p.dtype for p in load.load_teacher(str(tmp_path)).parameters()} == {torch.float32}


def test_truncated_weights_are_refused(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    tiny.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(TeacherError, match=r"the file model.safetensors is damaged or was cut short; copy it again"):
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
    AlbertConfig().save_pretrained(tmp_path)
    with pytest.raises(TeacherError, match="'albert' model, which the lab does not take: all its layers share"):
        load.load_teacher(str(tmp_path))


def test_an_unknown_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for read in (load.load_teacher, load.load_teacher_tokenizer):
        with pytest.raises(TeacherError):
            read(str(tmp_path / "nothing"))


def test_a_broken_adapter_is_refused(tmp_path: Path) -> None:
    shutil.copytree(load.WEIGHTS / "reviews", tmp_path / "adapter")
    file = tmp_path / "adapter" / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(TeacherError, match="labcore finetune"):
        load.merge_adapter(load.load_base(num_labels=2), tmp_path / "adapter")
