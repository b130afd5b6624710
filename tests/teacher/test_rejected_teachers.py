"""What people brought and the lab can't use: each row is refused in one line that names the cause."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from labcore.config.spec import SpecError
from labcore.config.steps import TrimVocabulary
from labcore.config.training import DistilConfig
from labcore.runs.predict import predict_text
from labcore.teacher import location
from labcore.teacher.load import load_teacher
from tests.shared.brought_teachers import Brought, flipped, logits_of

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
    "relation, nothing in common": (DistilConfig(soft=0, hard=0, relation=1, epochs=1), "tokenised identically"),
    "hidden at tokens of the same width": (
        DistilConfig(soft=0, hard=0, hidden=1, hidden_at="tokens", epochs=1),
        "tokenised identically",
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
        assert torch.equal(logits_of(load_teacher(name)), logits_of(load_teacher(str(brought.folder))))


@pytest.mark.parametrize("temperature", [1e-30, 1e30, math.inf, math.nan])
def test_temperature_is_bounded(temperature: float) -> None:
    with pytest.raises(SpecError, match="temperature"):
        DistilConfig(temperature=temperature)


def test_half_a_character_is_a_sentence(brought: Brought) -> None:
    run = brought.run(brought.spec())
    with pytest.raises(SpecError, match="half a character"):
        predict_text(run, "a \ud800 film", brought.store)
