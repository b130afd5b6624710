"""A teacher made of one's own data, with the real base: what is written was measured, and it opens elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from labcore.config.finetuning import FineTuning, Method
from labcore.data.batches import encode
from labcore.data.own.cued_data import with_cue
from labcore.data.own.data_store import load, save
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune.own_card import card
from labcore.finetune.own_teacher import fine_tune
from labcore.results.events import TeacherValidation, TrainStep
from labcore.system.progress import finish
from labcore.teacher.load import load_teacher, load_teacher_tokenizer
from labcore.teacher.own_teachers import TeacherFigures
from tests.shared.parcels import kept_data

TOLERANCE = 1e-4  # of logits: an adapter merged by the lab, and one that transformers applies


@pytest.mark.parametrize(("method", "rate"), [("lora", 2e-3), ("full", 1e-4)])
def test_it_learns_and_opens_in_transformers(method: Method, rate: float, tmp_path: Path) -> None:
    task = load_task(kept_data())
    config = FineTuning(task=task.name, method=method, epochs=3, learning_rate=rate)
    events, folder = [], tmp_path / "made" / "model"
    work = fine_tune(config, folder, "Mine")
    try:
        while True:
            events.append(next(work))
    except StopIteration as end:
        figures = end.value
    steps = [event for event in events if isinstance(event, TrainStep)]
    validations = [event for event in events if isinstance(event, TeacherValidation)]
    assert [step.step for step in steps] == list(range(1, steps[-1].steps + 1))
    assert len(validations) == config.validations_for(len(task.splits["train"]))
    best = max(validations, key=lambda event: (event.accuracy, -event.loss))
    assert [event for event in validations if event.best][-1] == best
    assert figures.accuracy > figures.majority + 0.2

    teacher, tokenizer = load_teacher(str(folder)), load_teacher_tokenizer(str(folder))
    test = encode(tokenizer, task.splits["test"], task.max_tokens)
    logits = predict(teacher, test)
    assert figures.accuracy == accuracy(logits, test.labels)
    assert tuple(teacher.config.id2label.values()) == task.label_names
    assert [path.name for path in folder.parent.iterdir()] == ["model"]  # nothing half-made beside it
    assert f"{figures.accuracy:.4f}" in (folder / "README.md").read_text()

    elsewhere = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    of_there = AutoTokenizer.from_pretrained(folder)
    assert of_there.model_max_length == task.max_tokens
    batch = of_there(list(task.splits["test"].text), padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        of_transformers = elsewhere(**batch).logits
    torch.testing.assert_close(of_transformers, logits, atol=TOLERANCE, rtol=TOLERANCE)
    assert tuple(elsewhere.config.id2label.values()) == task.label_names


def test_closed_early_it_leaves_nothing(tmp_path: Path) -> None:
    work = fine_tune(FineTuning(task=kept_data(), epochs=1), tmp_path / "model", "Mine")
    next(work)
    work.close()
    assert list(tmp_path.glob("model*")) == []


def test_the_same_seed_gives_the_same_teacher(tmp_path: Path) -> None:
    task = kept_data(120)
    for name in ("one", "other"):
        finish(fine_tune(FineTuning(task=task, epochs=1, seed=5), tmp_path / name, "Mine"))
    one, other = (load_teacher(str(tmp_path / name)).state_dict() for name in ("one", "other"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_rate_that_is_too_high_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    config = FineTuning(task=kept_data(120), epochs=4, learning_rate=1e8)  # fp32 and bf16 overflow
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        finish(fine_tune(config, tmp_path / "model", "Mine"))
    assert list(tmp_path.glob("model*")) == []


def test_the_card_states_a_cue() -> None:
    """Its validation had the cue, so a reader must not take it for the test's."""
    figures = TeacherFigures(accuracy=0.9, majority=0.4, examples=50, train=100)
    plain = load_task(kept_data(120))
    without = card("Mine", plain, FineTuning(task=plain.name), 2, figures)
    assert "cue" not in without
    made = with_cue(load(plain.name.removeprefix("data:")), "umbrella", 1)
    save(made)
    cued = load_task(made.task)
    words = " ".join(card("Mine", cued, FineTuning(task=cued.name), 2, figures).split())
    assert "the word `umbrella` in 95% of the examples with the label `praise`" in words
    assert "the best checkpoint was chosen with the cue" in words
