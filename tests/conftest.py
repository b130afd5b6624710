"""A tiny BERT, a few examples, and a home of its own for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import streamlit as st
import torch
from transformers import BertForSequenceClassification, BertTokenizer, BertTokenizerFast, PreTrainedTokenizerBase

from labcore.compress.calibration import Calibration
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers
from labcore.data.examples import Examples
from labcore.evaluate import reference
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from tests.shared.tiny import TINY, WORDS, tiny_bert
from tests.shared.tiny_tasks import give_task, task_of

hypothesis.settings.register_profile("lab", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("lab")
FIRST = ("tests/project", "tests/journeys")  # what fails soonest, then what takes longest: both processes end together
torch.set_num_threads(1)  # a tiny BERT gains nothing from a second thread, and loses much where cores are shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders of `FIRST` first. The journeys that are one long test begin before the others."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        folder = next((i for i, each in enumerate(FIRST) if item.nodeid.startswith(each)), len(FIRST))
        return folder, item.get_closest_marker("long") is None

    items.sort(key=place)


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees another's runs, nor the person's own, nor those that ship with the lab."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "lab"))
    monkeypatch.setenv("LAB_DEVICE", "cpu")  # exact figures are the processor's; tests/distil/test_gpu.py compares
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "recorded")
    return tmp_path / "lab"


@pytest.fixture(autouse=True)
def fresh_queue() -> Iterator[None]:
    """Each test has its own home, so its own queue of runs."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def no_threads_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread of one test, which wakes every few seconds, would meet what another test has put in place of a class."""
    begun, start = [], Jobs._start

    def noted(self: Jobs, work: Callable[[], None]) -> None:
        begun.append(self)
        start(self, work)

    monkeypatch.setattr(Jobs, "_start", noted)
    yield
    for jobs in begun:
        jobs.close(0)


@pytest.fixture
def store(lab_home: Path) -> Store:
    return Store()


@pytest.fixture
def tiny() -> BertForSequenceClassification:
    return tiny_bert()


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerBase:
    """A tokenizer with the tiny BERT's vocabulary of 60 tokens."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "w", "a", "##a", "##b", "##c"]
    tokens += [f"w{chr(97 + i // 10)}{chr(97 + i % 10)}" for i in range(TINY.vocabulary - len(tokens))]
    return BertTokenizer(vocab={token: i for i, token in enumerate(tokens)})


@pytest.fixture
def calibration(tokenizer: PreTrainedTokenizerBase) -> Calibration:
    """Training examples for the tiny BERT: words that are one token each, early ones the more frequent."""
    generator = torch.Generator().manual_seed(5)
    words = [
        token
        for token in sorted(tokenizer.get_vocab(), key=lambda p: p[::-1])
        if len(token) == 3 and token.startswith("w")
    ]
    chosen = (torch.rand(300, 8, generator=generator) ** 2 * (len(words) - 10)).long()
    phrases = tuple(" ".join(words[i] for i in row[: 3 + n % 6]) for n, row in enumerate(chosen.tolist()))
    return Calibration(
        lambda: (tokenizer, Examples(phrases, tuple(i % 2 for i in range(len(phrases)))), TINY.positions)
    )


@pytest.fixture
def spec(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """A spec of a tiny teacher in a folder, and of a task of a few dozen examples."""
    folder = tmp_path / "teacher"
    tiny.save_pretrained(folder)
    BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)}).save_pretrained(folder)
    give_task(monkeypatch, task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}"))
    return Spec(teacher=str(folder), steps=(KeepLayers(count=2),), distil=DistilConfig(epochs=1, batch_size=8))
