"""Zeros that came with a teacher are drawn where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizerFast, PreTrainedTokenizerBase

from labcore.compress.student import Student
from labcore.config.spec import Spec
from labcore.config.steps import Prune
from labcore.count.parameters import count
from labcore.models.family import BERT
from labcore.results.counts import Counts
from labcore.runs.cache import counted
from labcore.views.design.flow import flow
from labcore.views.design.towers import blocks, parts_left
from tests.shared.pages import app, charts, metrics
from tests.shared.tiny import WORDS
from tests.shared.tiny_tasks import bring, give_task, task_of
from tests.shared.two_teachers import STEPS, ran, said, spec_for, text


@pytest.fixture
def tokenizer_of_words() -> PreTrainedTokenizerBase:
    return BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})


def with_zeros(model: BertForSequenceClassification, share: float) -> BertForSequenceClassification:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2 and "classifier" not in name:
                parameter.mul_(torch.rand(parameter.shape, generator=generator) >= share)
    return model


def by_hand(model: BertForSequenceClassification) -> dict[str, int]:
    parts: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        parts[BERT.part_of(name)] = parts.get(BERT.part_of(name), 0) + int((parameter != 0).sum())
    return parts


def drawn(counts: Counts) -> dict[str, float]:
    """By part what the flow draws as not 0, and `zeros` for all that it hatches."""
    sums: dict[str, float] = {"zeros": 0}
    for bar in flow([("Teacher", counts)]).data:
        assert all(n >= 0 for n in bar.y)
        sums["zeros" if "zeros" in bar.name else bar.name] = sums.get("zeros", 0) * ("zeros" in bar.name) + sum(bar.y)
    return sums


def test_zeros_are_drawn_where_they_are(tiny: BertForSequenceClassification) -> None:
    model = with_zeros(tiny, 0.8)
    counts, true = count(Student(model)), by_hand(model)
    assert counts.nonzero == sum(true.values()) == sum(int((p != 0).sum()) for p in model.parameters())
    assert counts.parts_nonzero == parts_left(counts) == true
    assert drawn(counts) == true | {"zeros": counts.total - counts.nonzero}
    live = {block.name: block.live for block in blocks(counts)}
    assert (live["embeddings"], live["pooler"], live["classifier"]) == (
        true["embeddings"],
        true["pooler"],
        true["classifier"],
    )
    assert sum(n for n in live.values() if n is not None) == counts.nonzero


def test_an_earlier_versions_zeros_are_drawn_as_before(tiny: BertForSequenceClassification) -> None:
    counts = replace(count(Student(tiny)), parts_nonzero=None)
    old = replace(counts, nonzero=counts.total - 30, layers_nonzero=tuple(n - 5 for n in counts.layers))
    assert parts_left(old) == counts.parts | {
        "encoder": counts.parts["encoder"] - 20,
        "embeddings": counts.parts["embeddings"] - 10,
    }


@pytest.mark.parametrize("embeddings", [False, True])
def test_a_global_pruning_without_weights_draws_no_negative_part(embeddings: bool) -> None:
    spec = Spec(teacher="bert-tiny", steps=(Prune(0.9, "global", embeddings=embeddings),))
    counts = counted(spec).student
    assert counts.parts_nonzero is None
    sums = drawn(counts)
    assert sums.pop("zeros") == counts.total - counts.nonzero
    assert sum(sums.values()) == counts.nonzero


def test_the_pages_draw_a_teacher_that_came_with_zeros(
    tmp_path: Path,
    tiny: BertForSequenceClassification,
    tokenizer_of_words: PreTrainedTokenizerBase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = bring(with_zeros(tiny, 0.5), tokenizer_of_words, tmp_path / "sparse")
    give_task(monkeypatch, task_of(folder, text))
    spec = ran(spec_for(folder)).spec
    true = by_hand(BertForSequenceClassification.from_pretrained(folder))
    for steps in (STEPS, (Prune(0.7, "global"),), ()):
        here = replace(spec, steps=steps)
        test = app("design", here)
        assert metrics(test)["Non-zero"] == f"{counted(here).student.nonzero:,}"
        test.session_state["look"] = "flow"
        test.run()
        bars = charts(test)["flow"]["figure"]["data"]
        assert {bar["name"]: bar["y"][0] for bar in bars if bar["name"] in true} == true
        assert all(n >= 0 for bar in bars for n in bar["y"])
        test.session_state["look"] = "cost"
        test.run()
        assert "The teacher came with zeros" in said(test)
        assert "Sparsity has a base" not in said(test)
