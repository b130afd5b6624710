"""What people really brought, and what must come of it: a row for each input that once failed or misled.

Each row is one of a kind; the kind has its own tests beside the code that mends it. The table here gives each input,
and the right value or the error. The grader's rows are in test_counting_check, broken homes in test_broken_home.
"""

from __future__ import annotations

import copy
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file, save_file
from torch.nn.utils import prune as torch_prune
from transformers import BertForSequenceClassification, BertModel, BertTokenizerFast

import labcore.compress
from benchmarks.mutations.folders import good_folder
from benchmarks.mutations.outcome import quiet
from labcore.__main__ import main
from labcore.compress.derive import derive
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads, TrimVocabulary
from labcore.config.training import DistilConfig
from labcore.distil.losses import soft_loss
from labcore.distil.targets import targets_key
from labcore.results.findings import never_improved
from labcore.results.run import Run
from labcore.runs.assistants import chain_to_run
from labcore.runs.cache import counted
from labcore.runs.execute import execute_and_store
from labcore.runs.predict import predict_text
from labcore.runs.store import Store
from labcore.runs.teacher_check import check_teacher
from labcore.teacher import location
from labcore.teacher.load import load_teacher, load_teacher_tokenizer
from tests.shared.runs import student_folder
from tests.shared.tiny_tasks import give_task, task_of

IDS = torch.tensor([[2, 7, 9, 11, 3], [2, 8, 40, 41, 3]])


class Brought:
    """A teacher's folder, the task that it does, and a home: what a row changes, and what it may ask."""

    def __init__(self, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self.folder, self.home, self.monkeypatch, self.capsys = folder, home, monkeypatch, capsys
        self.store = Store(home)
        task = task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}")
        self.task = replace(task, label_names=("negative", "positive"))
        give_task(monkeypatch, self.task)

    def config(self, **fields: Any) -> Brought:
        path = self.folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))
        return self

    def tensors(self, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Brought:
        file = self.folder / "model.safetensors"
        changed = {name: tensor.contiguous() for name, tensor in change(load_file(file)).items()}
        save_file(changed, file, metadata={"format": "pt"})
        return self

    def tokenizer(self, words: list[str]) -> Brought:
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        BertTokenizerFast(vocab={w: i for i, w in enumerate([*special, *words])}).save_pretrained(self.folder)
        return self

    def without_tokenizer(self) -> Brought:
        for file in self.folder.glob("tokenizer*"):
            file.unlink()
        return self

    def spec(self, *steps: Any, **distil: Any) -> Spec:
        config = DistilConfig(**{"epochs": 1, "batch_size": 8} | distil)
        return Spec(teacher=str(self.folder), task="reviews", steps=steps or (KeepLayers(count=1),), distil=config)

    def run(self, spec: Spec) -> Run:
        run = self.store.create(spec)
        list(execute_and_store(spec, run, self.store))
        return self.store.read(run)

    def command(self, verb: str, spec: Spec | dict[str, Any]) -> tuple[int, str]:
        """A command's exit status, and what it said on standard error."""
        file = self.folder.parent / "spec.json"
        file.write_text(spec.to_json() if isinstance(spec, Spec) else json.dumps(spec))
        home = ["--home", str(self.home)] if verb == "run" else []
        status = main([verb, "--spec", str(file), *home])
        return status, self.capsys.readouterr().err


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quiet()
    return good_folder(tmp_path_factory.mktemp("trials") / "good")


@pytest.fixture
def brought(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Brought:
    folder = shutil.copytree(good, tmp_path / "teacher")
    return Brought(Path(folder), tmp_path / "home", monkeypatch, capsys)


@torch.no_grad()
def logits(model: BertForSequenceClassification) -> torch.Tensor:
    return model.eval()(input_ids=IDS).logits


def zeros(model: torch.nn.Module) -> int:
    return sum(int((p == 0).sum()) for p in model.parameters())


def flipped(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return tensors | {name: tensors[name].flip(0) for name in ("classifier.weight", "classifier.bias")}


# -- a refusal, in one line that names the cause -------------------------------------------------------

REFUSED: dict[str, tuple[str, Callable[[Brought], object], tuple[str, ...]]] = {
    "no tokenizer": ("run", lambda b: b.without_tokenizer(), ("no readable tokenizer",)),
    "fewer layers than the file": ("count", lambda b: b.config(num_hidden_layers=1), ("num_hidden_layers 1", "hold 2")),
    "heads removed the old way": (
        "count",
        lambda b: b.tensors(lambda t: t | {n: t[n][4:] for n in ("bert.encoder.layer.0.attention.self.query.weight",)}),
        ("12 × 16", "16 × 16"),
    ),
    "a decoder": ("count", lambda b: b.config(is_decoder=True), ("is_decoder",)),
    "several labels an example": (
        "run",
        lambda b: b.config(problem_type="multi_label_classification"),
        ("problem_type", "softmax"),
    ),
    "labels in another order": (
        "run",
        lambda b: b.tensors(flipped),
        ('"id2label": {"0": "positive", "1": "negative"}',),
    ),
    "a tokenizer of another case": (
        "run",
        lambda b: b.tokenizer([f"w{i}" for i in reversed(range(55))]),
        ("of 20 validation examples",),
    ),
    "a tokenizer that knows no word": ("run", lambda b: b.tokenizer([f"x{i}" for i in range(55)]), ("100 %", "[UNK]")),
    "a tokenizer larger than the table": (
        "run",
        lambda b: b.tokenizer([f"w{i}" for i in range(70)]),
        ("74", "60 rows"),
    ),
    "NaN": (
        "run",
        lambda b: b.tensors(lambda t: t | {"bert.pooler.dense.bias": t["bert.pooler.dense.bias"] * math.nan}),
        ("bert.pooler.dense.bias", "not finite"),
    ),
    "pruned by torch and saved so": (
        "run",
        lambda b: b.tensors(lambda t: {(f"{n}_orig" if "pooler.dense.w" in n else n): v for n, v in t.items()}),
        ("torch.nn.utils.prune",),
    ),
    "three rows, two names": (
        "count",
        lambda b: b.tensors(lambda t: t | {"classifier.weight": torch.ones(3, 16), "classifier.bias": torch.ones(3)}),
        ("number of labels 2", "hold 3"),
    ),
    "no model_type, and not all of a BERT's fields": (
        "count",
        lambda b: (b.folder / "config.json").write_text('{"hidden_size": 16}'),
        ('add the line "model_type": "bert"',),
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_refused_in_one_line(brought: Brought, row: str) -> None:
    verb, change, words = REFUSED[row]
    change(brought)
    status, said = brought.command(verb, brought.spec())
    assert status == 2
    [line] = said.strip().splitlines()
    assert line.startswith("error: ")
    assert all(word in line for word in words), line
    assert brought.store.runs() == []


SETTINGS = {
    "relation, nothing in common": (DistilConfig(soft=0, hard=0, relation=1, epochs=1), "same tokens"),
    "hidden at tokens of the same width": (
        DistilConfig(soft=0, hard=0, hidden=1, hidden_at="tokens", epochs=1),
        "same tokens",
    ),
    "gradual without a prune": (DistilConfig(gradual=True), "gradual"),
    "transfer with hard labels only": (DistilConfig(hard=1, soft=0, transfer=10), "transfer"),
}


@pytest.mark.parametrize("row", SETTINGS)
def test_a_training_that_compares_nothing_or_ignores_a_setting_is_refused(brought: Brought, row: str) -> None:
    config, word = SETTINGS[row]
    status, said = brought.command("run", replace(brought.spec(TrimVocabulary(size=6)), distil=config))
    assert status == 2
    assert word in said
    assert "Traceback" not in said


# -- where a name leads --------------------------------------------------------------------------------


def test_names(brought: Brought, good: Path) -> None:
    above = brought.folder.parent / "above"
    shutil.copytree(good, above / "checkpoint-500")
    told = {
        str(above): "checkpoint-500; give one of these",
        "revews": "did you mean 'reviews'",
        "~/nothing-here": "there is no folder",
        str(brought.folder.parent / "spec.json" / "x"): "there is no folder",
    }
    brought.monkeypatch.setattr(location, "_downloaded", lambda name: pytest.fail("the hub was asked"))
    for name, words in told.items():
        status, said = brought.command("count", {"teacher": name})
        assert (status, words in said) == (2, True), said
    brought.monkeypatch.setenv("HOME", str(brought.folder.parent))
    for name in ("~/teacher", f"{brought.folder}/model.safetensors", f"{brought.folder}/config.json"):
        assert torch.equal(logits(load_teacher(name)), logits(load_teacher(str(brought.folder))))


def test_an_older_config_and_a_wrappers_prefix_are_taken(brought: Brought) -> None:
    expected = logits(load_teacher(str(brought.folder)))
    data = json.loads((brought.folder / "config.json").read_text())
    del data["model_type"]
    (brought.folder / "config.json").write_text(json.dumps(data))
    brought.tensors(lambda tensors: {f"module.{name}": tensor for name, tensor in tensors.items()})
    assert torch.equal(logits(load_teacher(str(brought.folder))), expected)


def test_an_adapter_beside_a_config_is_merged(brought: Brought, tmp_path: Path) -> None:
    config = LoraConfig(task_type=TaskType.SEQ_CLS, r=2, target_modules=["query"], init_lora_weights=False)
    adapted = get_peft_model(load_teacher(str(brought.folder)), config)
    adapted.peft_config["default"].base_model_name_or_path = str(brought.folder)
    adapted.save_pretrained(str(tmp_path / "adapter"))
    shutil.copy(brought.folder / "config.json", tmp_path / "adapter")
    loaded = load_teacher(str(tmp_path / "adapter"))
    torch.testing.assert_close(logits(loaded), logits(adapted), atol=1e-5, rtol=0)  # type: ignore[arg-type]


# -- the right value -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("temperature", [1e-30, 1e30, math.inf, math.nan])
def test_temperature_is_bounded(temperature: float) -> None:
    with pytest.raises(SpecError, match="temperature"):
        DistilConfig(temperature=temperature)


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
    expected = logits(derive(teacher, [Factorise(3)]).model)
    for wrapped in (torch.compile(teacher), torch.nn.DataParallel(teacher)):
        assert torch.equal(logits(derive(wrapped, [Factorise(3)]).model), expected)  # type: ignore[arg-type]
    masked = copy.deepcopy(teacher)
    torch_prune.l1_unstructured(masked.bert.pooler.dense, "weight", 0.5)  # type: ignore[union-attr]
    for given, words in ((BertModel(teacher.config), "no classifier"), (masked, r"prune\.remove"), (None, "NoneType")):
        with pytest.raises(SpecError, match=words):
            derive(given, [])  # type: ignore[arg-type]


def test_half_a_character_is_a_sentence(brought: Brought) -> None:
    run = brought.run(brought.spec())
    with pytest.raises(SpecError, match="half a character"):
        predict_text(run, "a \ud800 film", brought.store)


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
