"""Two brought teachers of one task: their specs, their runs, and what a page says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from streamlit.testing.v1 import AppTest
from transformers import BertForSequenceClassification

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.evaluate.seed_groups import with_seed
from labcore.results.run import Run
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from tests.shared.runs import finished_run

STEPS = (KeepLayers(count=2),)


def text(i: int) -> str:
    return f"w{i % 40} w{(3 * i) % 50} w{i % 7}"


def weaken(folder: Path) -> None:
    """Other weights in the folder: a teacher nearly as good."""
    model = BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        model.bert.encoder.layer[0].output.dense.weight.mul_(0.98)
    model.save_pretrained(folder)


def spec_for(folder: Path, **distil: object) -> Spec:
    config = DistilConfig(**{"steps": 2, "batch_size": 8} | distil)  # type: ignore[arg-type]
    return Spec(teacher=str(folder), task="reviews", steps=STEPS, distil=config)


def ran(spec: Spec) -> Run:
    store = Store()
    run = store.create(spec)
    list(execute_and_store(spec, run, store))
    return store.read(run)


def said(test: AppTest) -> str:
    elements = (*test.markdown, *test.caption, *test.info, *test.warning, *test.success, *test.error)
    return " ".join(element.value.replace("\\", "") for element in elements)


def of(name: str, identity: str | None, seed: int = 0, created: str = "2026-01") -> Run:
    return replace(finished_run(created, with_seed(Spec(teacher=name), seed), 0.8), teacher=identity)
