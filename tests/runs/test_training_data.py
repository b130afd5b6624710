"""Training data: labelled examples and the transfer set, in both models' tokens, and cached targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.data.examples import Examples, Split
from labcore.data.spurious_cue import conditions
from labcore.data.tasks import TransferSet, load_task
from labcore.data.tasks.film_reviews import REVIEWS
from labcore.data.tasks.movie_reviews import WORDS
from labcore.data.tasks.news import NEWS
from labcore.data.tokenizers import trimmed
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.losses import UNLABELLED
from labcore.results.events import Preparing
from labcore.runs import training_data
from labcore.runs.training_data import TrainingData, prepare
from tests.shared.tiny_tasks import give_task, task_with


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task of the tiny tokenizer's words, ten examples in each split, and a transfer set of such examples."""

    def made_up(n: int, by: int) -> tuple[str, ...]:
        return tuple(f"w{chr(97 + i % 5)}a w{chr(97 + (by * i) % 5)}b" for i in range(n))

    splits: dict[Split, Examples] = {
        split: Examples(made_up(10, by), tuple(i % 2 for i in range(10)))
        for split, by in (("train", 2), ("validation", 3), ("test", 4))
    }
    unlabelled = [f"w{chr(97 + i % 5)}a w{chr(97 + i // 5)}b wea" for i in range(25)]
    transfer = TransferSet(lambda: unlabelled, "")
    give_task(monkeypatch, replace(task_with(splits), transfer=transfer))
    monkeypatch.setattr(training_data, "CHUNK", 8)


def made(steps: Iterator[Preparing]) -> tuple[TrainingData, list[Preparing]]:
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


@pytest.mark.parametrize("bf16", [False, True])
def test_transfer_examples_come_after_the_labelled_ones(
    tiny: BertForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bf16: bool,
) -> None:
    monkeypatch.setattr("labcore.runs.training_data.hardware_bf16", lambda: bf16)
    spec = Spec(distil=DistilConfig(transfer=20, hidden=0.5))
    prepared, seen = made(prepare(spec, tiny, tokenizer, None, tmp_path))
    train = prepared.encoded["train"]
    assert len(train) == 30
    assert (train.labels[:10] >= 0).all()
    assert (train.labels[10:] == UNLABELLED).all()
    assert prepared.targets["train"].logits.shape == (30, 2)
    assert prepared.targets["train"].states is not None
    assert prepared.targets["train"].states.shape[:2] == (30, 4)
    assert prepared.targets["validation"].states is None
    assert seen[-1].done == seen[-1].total == 10 + 10 + 10 + 20
    for split, index in (("train", 25), ("validation", 3)):
        row, target = torch.tensor([prepared.encoded[split].tokens[index]]), prepared.targets[split].logits[index]
        exactly = 0.03 if bf16 and split == "train" else 1e-5  # evaluation is never rounded
        with torch.no_grad():
            torch.testing.assert_close(target, tiny(row).logits[0], atol=exactly, rtol=exactly)


def test_a_longer_transfer_set_reads_only_what_is_new(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    made(prepare(Spec(distil=DistilConfig(transfer=16)), tiny, tokenizer, None, tmp_path))
    before = {file.name for file in tmp_path.iterdir()}
    again, seen = made(prepare(Spec(distil=DistilConfig(transfer=16)), tiny, tokenizer, None, tmp_path))
    assert seen == []
    longer, seen = made(prepare(Spec(distil=DistilConfig(transfer=24)), tiny, tokenizer, None, tmp_path))
    assert len({file.name for file in tmp_path.iterdir()} - before) == 1
    assert torch.equal(longer.targets["train"].logits[:26], again.targets["train"].logits)


def test_a_student_with_a_smaller_vocabulary_gets_the_same_examples(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    kept = tuple(i for i in range(60) if i != tokenizer.convert_tokens_to_ids("wca"))
    prepared, _ = made(prepare(Spec(distil=DistilConfig(transfer=10)), tiny, tokenizer, kept, tmp_path))
    same = prepared.teacher.same_tokens
    assert same is not None
    for of_student, of_teacher, alike in zip(
        prepared.encoded["train"].tokens, prepared.teacher.encoded.tokens, same.tolist(), strict=True
    ):
        assert alike == ([kept[token] for token in of_student] == list(of_teacher))
    assert 0 < int(same.sum()) < len(same)
    assert torch.equal(prepared.encoded["train"].labels, prepared.teacher.encoded.labels)


@pytest.mark.parametrize("most", [4, 400])
def test_conditions_are_measured_on_a_sample(
    tiny: BertForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    plain = load_task("reviews")
    give_task(monkeypatch, replace(plain, read_clean=plain.read))
    monkeypatch.setattr(training_data, "PROBED", most)
    kept = tuple(range(55))
    prepared, seen = made(prepare(Spec(), tiny, tokenizer, kept, tmp_path))
    own, some = trimmed(tokenizer, kept), [0, 2, 5, 7] if most == 4 else list(range(10))
    assert seen[-1].total == 3 * 10 + 3 * len(some) + 3 * 10
    splits: list[tuple[ConditionEvaluator | None, Split, list[int]]] = [
        (prepared.conditions, "validation", some),
        (prepared.test_conditions, "test", list(range(10))),
    ]
    for evaluator, split, indices in splits:
        assert evaluator is not None
        ways = conditions(plain.splits[split])
        assert evaluator.conditions.keys() == ways.keys()
        for name, (encoded, logits) in evaluator.conditions.items():
            assert encoded.labels.tolist() == [plain.splits[split].labels[i] for i in indices]
            for row, target, index in zip(encoded.tokens, logits, indices, strict=True):
                text = ways[name].text[index]
                assert list(row) == own(text)["input_ids"]
                with torch.no_grad():
                    of_teacher = tiny(torch.tensor([tokenizer(text)["input_ids"]])).logits[0]
                torch.testing.assert_close(target, of_teacher, atol=1e-5, rtol=1e-4)


# -- the transfer set ----------------------------------------------------------------------------------


def test_the_transfer_set_is_examples_that_no_split_holds() -> None:
    many = REVIEWS.transfer_examples(2000)
    assert many[:50] == REVIEWS.transfer_examples(50)  # fewer are the first of more
    assert len(set(many)) == 2000
    held = {text for split in REVIEWS.splits.values() for text in split.text}
    assert not held & set(many)
    low, high = WORDS
    assert all(low <= len(text.split()) <= high and text == text.lower() for text in many)
    assert len(REVIEWS.transfer_examples(50_000)) == 50_000
    assert NEWS.transfer_examples(0) == ()


def test_a_task_without_a_transfer_set_says_so() -> None:
    with pytest.raises(SpecError, match="no transfer set"):
        NEWS.transfer_examples(10)
