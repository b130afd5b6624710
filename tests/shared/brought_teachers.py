"""Teachers that people bring, in folders that a test changes, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.__main__ import main
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.config.training import DistilConfig
from labcore.results.run import Run
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from tests.shared.tiny_tasks import give_task, task_of

IDS = torch.tensor([[2, 7, 9, 11, 3], [2, 8, 40, 41, 3]])


def configure(folder: Path, **fields: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def change_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> None:
    file = folder / "model.safetensors"
    save_file({name: t.contiguous() for name, t in change(load_file(file)).items()}, file, metadata={"format": "pt"})


@torch.no_grad()
def logits_of(model: BertForSequenceClassification) -> torch.Tensor:
    return model.eval()(input_ids=IDS).logits


def spec_of(folder: Path, *steps: Any, **distil: Any) -> Spec:
    return Spec(
        teacher=str(folder),
        task="reviews",
        steps=steps or (KeepLayers(count=1),),
        distil=DistilConfig(**{"epochs": 1, "batch_size": 8} | distil),
    )


def run_of(spec: Spec, store: Store) -> Any:
    run = store.create(spec)
    events = list(execute_and_store(spec, run, store))
    return store.read(run), events


def zeros(model: torch.nn.Module) -> int:
    return sum(int((p == 0).sum()) for p in model.parameters())


def flipped(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return tensors | {name: tensors[name].flip(0) for name in ("classifier.weight", "classifier.bias")}


class Brought:
    """A teacher's folder, the task that it does, and a home: what a row changes, and what it may ask."""

    def __init__(self, folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self.folder, self.home, self.monkeypatch, self.capsys = folder, home, monkeypatch, capsys
        self.store = Store(home)
        task = task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}")
        self.task = replace(task, label_names=("negative", "positive"))
        give_task(monkeypatch, self.task)

    def config(self, **fields: Any) -> Brought:
        configure(self.folder, **fields)
        return self

    def tensors(self, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Brought:
        change_tensors(self.folder, change)
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
        return spec_of(self.folder, *steps, **distil)

    def run(self, spec: Spec) -> Run:
        return run_of(spec, self.store)[0]

    def command(self, verb: str, spec: Spec | dict[str, Any]) -> tuple[int, str]:
        """A command's exit status, and what it said on standard error."""
        file = self.folder.parent / "spec.json"
        file.write_text(spec.to_json() if isinstance(spec, Spec) else json.dumps(spec))
        home = ["--home", str(self.home)] if verb == "run" else []
        status = main([verb, "--spec", str(file), *home])
        return status, self.capsys.readouterr().err
