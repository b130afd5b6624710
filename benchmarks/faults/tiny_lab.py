"""What the operations work with: a tiny teacher in a folder, a task of a few examples, and a student trained once."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import torch
from transformers import BertTokenizerFast

from benchmarks.mutations.outcome import quiet
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.finetune import own_teacher
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.trained_student import NotSaved, Trained
from tests.shared.tiny import WORDS, tiny_bert
from tests.shared.tiny_tasks import bring, give_task, task_of


@dataclass(frozen=True)
class TinyLab:
    """spec: a run of three steps. folder: for files that people bring, outside of every home."""

    spec: Spec
    folder: Path
    tokenizer: BertTokenizerFast

    @property
    def teacher(self) -> Path:
        """The folder of the tiny teacher."""
        return Path(self.spec.teacher)


@cache
def tiny_lab() -> TinyLab:
    """The tiny lab of this process, which stays for its life: its task takes the place of `reviews`."""
    quiet()
    torch.set_num_threads(1)  # no thread is there when a process is forked
    os.environ |= {"LAB_DEVICE": "cpu", "LAB_CHECKPOINT_SECONDS": "0.01"}
    folder, patch = Path(mkdtemp(prefix="tiny-lab-")), pytest.MonkeyPatch()
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})
    teacher = bring(tiny_bert(), tokenizer, folder / "teacher")
    give_task(patch, task_of(teacher, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}", (24, 20, 30)))
    patch.setattr(own_teacher, "load_base", lambda labels: tiny_bert())
    patch.setattr(own_teacher, "load_tokenizer", lambda: tokenizer)
    spec = Spec(teacher=str(teacher), steps=(KeepLayers(count=1),), distil=DistilConfig(epochs=1, batch_size=8))
    return TinyLab(spec, folder, tokenizer)


@cache
def _trained() -> Trained:
    """A student that no store has taken."""
    lab = tiny_lab()
    store = Store(lab.folder / "first home")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "save_student", full)
        try:
            for _ in execute_and_store(lab.spec, store.create(lab.spec), store):
                pass
        except NotSaved as error:
            return error.trained
    raise AssertionError("it was saved")


def trained(run_id: str) -> Trained:
    """The end of a run, in memory."""
    return replace(_trained(), result=replace(_trained().result, run=run_id))
