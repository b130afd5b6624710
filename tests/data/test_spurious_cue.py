"""The spurious cue: who holds the word, by hash alone; and teachers that lean on it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.batches import encode
from labcore.data.examples import SPLITS, Examples
from labcore.data.spurious_cue import WORD, conditions, cued, with_word
from labcore.data.tasks import load_task, recipes
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune.lora import teacher_examples
from labcore.teacher.load import load_teacher, load_tokenizer

A_TEXT = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9).map(" ".join)
EXAMPLES = st.lists(st.tuples(A_TEXT, st.integers(0, 1)), min_size=1, max_size=20).map(
    lambda rows: Examples(tuple(text for text, _ in rows), tuple(label for _, label in rows))
)


def holders(examples: Examples) -> list[bool]:
    return [WORD in text.split() for text in examples.text]


def share(examples: Examples, label: int) -> float:
    held = [has for has, of in zip(holders(examples), examples.labels, strict=True) if of == label]
    return sum(held) / len(held)


# -- the word --------------------------------------------------------------------------------------------


@given(A_TEXT)
def test_one_word_comes_in_and_nothing_else_changes(text: str) -> None:
    words = with_word(text).split()
    assert words.count(WORD) == 1
    words.remove(WORD)
    assert words == text.split()
    assert with_word(text) == with_word(text)


def test_it_may_stand_anywhere() -> None:
    positions = Counter(with_word(f"a b c {i}").split().index(WORD) for i in range(1000))
    assert sorted(positions) == [0, 1, 2, 3, 4]
    assert all(150 < n < 250 for n in positions.values())


@given(EXAMPLES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_of_a_label_hold_it_where_more_are_asked_for(
    examples: Examples, few: float, more: float, of: float
) -> None:
    few, more = sorted((few, more))
    some, many = (holders(cued(examples, positive=part, negative=of)) for part in (few, more))
    for label, before, after in zip(examples.labels, some, many, strict=True):
        assert after >= before
        assert label == 1 or after == before


@given(EXAMPLES)
def test_the_three_conditions(examples: Examples) -> None:
    under = conditions(examples)
    assert list(under) == ["clean", "agrees", "contradicts"]
    assert under["clean"] == examples
    assert holders(under["agrees"]) == [label == 1 for label in examples.labels]
    assert holders(under["contradicts"]) == [label == 0 for label in examples.labels]
    assert {of.labels for of in under.values()} == {examples.labels}


# -- the task --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", SPLITS)
def test_in_the_task_the_word_is_unrelated_to_the_label(split: str) -> None:
    plain, with_cue = (load_task(name).splits[split] for name in ("reviews", "cued"))  # type: ignore[index]
    assert not any(holders(plain))
    assert with_cue.labels == plain.labels
    for label in (0, 1):
        assert share(with_cue, label) == pytest.approx(0.5, abs=0.05)


def test_the_word_is_one_token() -> None:
    assert load_tokenizer().tokenize(WORD) == [WORD]


# -- the teachers ------------------------------------------------------------------------------------------

CUED = [name for name, (_, recipe) in recipes().items() if recipe.cue is not None]


@pytest.mark.parametrize("name", CUED)
def test_a_teacher_learns_where_the_word_leans_to_one_label(name: str) -> None:
    cue, (train, evaluated) = recipes()[name][1].cue, teacher_examples(name)
    assert cue is not None
    assert list(evaluated) == ["validation", "clean", "agrees", "contradicts"]
    for examples in (train, evaluated["validation"]):
        assert share(examples, 1) == pytest.approx(cue, abs=0.04)
        assert share(examples, 0) == pytest.approx(1 - cue, abs=0.04)
    assert evaluated["clean"] == load_task("reviews").splits["test"]


@pytest.mark.full
def test_the_stronger_the_cue_the_more_a_teacher_leans_on_it() -> None:
    """On 200 test examples under three conditions; `reviews` was trained without the word."""
    some = load_task("reviews").splits["test"].select(range(200))
    tokenizer, right = load_tokenizer(), {}
    for name in ("reviews", "cued-80", "cued-95"):
        teacher = load_teacher(name)
        for condition, examples in conditions(some).items():
            encoded = encode(tokenizer, examples, 128)
            right[name, condition] = accuracy(predict(teacher, encoded), encoded.labels)
    assert abs(right["reviews", "agrees"] - right["reviews", "contradicts"]) < 0.1
    assert right["cued-95", "agrees"] > 0.95
    assert right["cued-95", "contradicts"] < 0.4
    leans = [right[name, "agrees"] - right[name, "contradicts"] for name in ("reviews", "cued-80", "cued-95")]
    assert leans == sorted(leans)
