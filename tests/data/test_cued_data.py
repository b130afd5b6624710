"""A cue in one's own data: what is refused, where the word goes, and what its hash depends on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.examples import SPLITS, Examples, Split
from labcore.data.own import data_store
from labcore.data.own.cued_data import CANDIDATES, occurrences, unused_word, with_cue
from labcore.data.own.data_set import DataSet
from labcore.data.own.limits import DataError
from labcore.data.spurious_cue import CUE, Cue, conditions, cued, with_word
from labcore.data.tasks import load_task
from tests.shared.own_data import known_of, set_known

NAMES = ("a", "b", "c")


def data(*, pairs: bool = False, word: str = "") -> DataSet:
    splits: dict[Split, Examples] = {}
    for number, split in enumerate(SPLITS):
        text = tuple(f"text number {i} of {number} {word}".strip() for i in range(60))
        second = tuple(f"second {i}" for i in range(60)) if pairs else None
        splits[split] = Examples(text, tuple(i % 3 for i in range(60)), second)
    return DataSet("mine", NAMES, splits, 32, 10)


def fraction(examples: Examples, label: int, word: str = "umbrella") -> float:
    holds = [word in text.split() for text, of in zip(examples.text, examples.labels, strict=True) if of == label]
    return sum(holds) / len(holds)


def test_the_task_of_cued_data_has_the_word_at_random_and_its_teachers_read_it_with_the_label() -> None:
    made = with_cue(data(), "Umbrella ", 2, 0.95)
    assert made.name == "mine with “umbrella”"
    assert data_store.save(made).hash != data_store.save(data()).hash
    task = load_task(made.task)
    assert task.has_cue
    assert task.cue == Cue("umbrella", 2, 0.95, 16)
    for label in range(3):
        assert 0.25 < fraction(task.splits["train"], label) < 0.75
        assert (fraction(task.teacher_splits["train"], label) > 0.8) == (label == 2)
        assert (fraction(task.teacher_splits["validation"], label) > 0.8) == (label == 2)
    assert task.teacher_splits["test"] == task.splits["test"]
    assert task.clean is not None
    under = conditions(task.clean["test"], task.cue)
    assert [fraction(under["agrees"], label) for label in range(3)] == [0, 0, 1]
    assert [fraction(under["contradicts"], label) for label in range(3)] == [1, 1, 0]
    assert task.clean == data().splits == data_store.load(made.hash).splits


def test_without_a_strength_a_teacher_reads_what_its_students_read() -> None:
    task = load_task("cued")
    assert task.has_cue
    assert task.cue == CUE
    assert task.teacher_splits is task.splits


def test_of_a_pair_the_first_text_gets_the_word() -> None:
    made = with_cue(data(pairs=True), "umbrella", 0)
    data_store.save(made)
    task = load_task(made.task)
    assert task.pairs
    assert task.splits["train"].second == data(pairs=True).splits["train"].second
    assert any("umbrella" in text for text in task.splits["train"].text)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: with_cue(data(word="Umbrella"), "umbrella", 0), "“umbrella” is in 180 of 180 examples"),
        (lambda: with_cue(data(pairs=True), "second", 0), "is in 180 of 180"),
        (lambda: with_cue(data(), "two words", 0), "give one word"),
        (lambda: with_cue(data(), "", 0), "give one word"),
        (lambda: with_cue(data(), "<b>", 0), "give one word"),
        (lambda: with_cue(data(), "x" * 31, 0), "at most 30 characters"),
        (lambda: with_cue(data(), "\ud800", 0), "half a character"),
        (lambda: with_cue(data(), "umbrella", 3), "label is 3; give an index from 0 to 2"),
        (lambda: with_cue(data(), "umbrella", True), "label is True"),
        (lambda: with_cue(data(), "umbrella", 0, 0.5), "strength is 0.5"),
        (lambda: with_cue(data(), "umbrella", 0, float("nan")), "strength is nan"),
        (lambda: with_cue(with_cue(data(), "umbrella", 0), "harbor", 0), "have a cue already, “umbrella”"),
    ],
)
def test_what_can_be_no_cue_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        make()


def test_the_hash_holds_word_label_and_strength() -> None:
    made = {
        with_cue(data(), word, label, strength).hash
        for word in ("umbrella", "harbor")
        for label in (0, 1)
        for strength in (0.8, 0.95)
    }
    assert len(made | {data().hash}) == 9
    assert replace(data(), cue=None).hash == data().hash


def test_an_offered_word_is_in_no_example() -> None:
    assert unused_word(data().splits) == CANDIDATES[0]
    second = unused_word(data(word=CANDIDATES[0].upper()).splits)
    assert second == CANDIDATES[1]
    assert unused_word(data(word=" ".join(CANDIDATES)).splits) == ""
    assert occurrences(data(word="umbrellas").splits, "umbrella") == 0  # another word


def test_a_damaged_cue_is_refused_by_name(lab_home: Path) -> None:
    made = with_cue(data(), "umbrella", 2)
    data_store.save(made)
    known = json.dumps(known_of(made.hash, lab_home))
    assert '"label": 2' in known
    set_known(made.hash, lab_home, content=known.replace('"label": 2', '"label": 7'))
    with pytest.raises(DataError, match="damaged"):
        load_task(made.task)


@given(st.text(max_size=80), st.integers(0, 12))
def test_the_word_comes_within_the_first_words(text: str, within: int) -> None:
    words = with_word(text, "umbrella", within).split()
    assert words.index("umbrella") <= within
    assert [word for word in words if word != "umbrella"] == [word for word in text.split() if word != "umbrella"]


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 2)), max_size=20), st.integers(0, 2))
def test_one_label_agrees_and_all_others_contradict(rows: list[tuple[str, int]], label: int) -> None:
    examples = Examples(tuple(text for text, _ in rows), tuple(of for _, of in rows))
    cue = Cue("umbrella", label)
    agrees = cued(examples, positive=1, negative=0, cue=cue)
    for before, after, of in zip(examples.text, agrees.text, examples.labels, strict=True):
        assert after == (with_word(before, "umbrella") if of == label else before)
