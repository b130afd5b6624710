"""Near copies of training examples, against a comparison of all pairs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.data.own import near_copies as module
from labcore.data.own.near_copies import near_copies

PHRASES = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12).map(" ".join), max_size=8)


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)} or {tuple(words)}


@settings(max_examples=300)
@given(PHRASES, PHRASES)
def test_a_near_copy_shares_half_of_its_runs_with_one_training_example(
    examples: list[str], training: list[str]
) -> None:
    expected = [
        index
        for index, text in enumerate(examples)
        if any(2 * len(runs(text) & runs(other)) >= len(runs(text)) for other in training)
    ]
    assert near_copies(examples, training) == expected


def test_by_hand() -> None:
    training = ["The quick brown fox jumps over the lazy dog today", "nothing of the kind"]
    examples = [
        "the quick brown fox jumps over the lazy dog yesterday",  # one word more: five of six runs
        "a fox jumps over the lazy dog, they wrote in a book",
        "Nothing of the kind",
        "nothing of the kind at all",
    ]
    assert near_copies(examples, training) == [0, 2]
    assert near_copies([], training) == near_copies(examples, []) == []


def test_long_texts_are_compared_by_some_of_their_runs() -> None:
    draw = random.Random(0)
    phrases = [" ".join(f"w{draw.randrange(900)}" for _ in range(400)) for _ in range(60)]
    changed = [" ".join(word if draw.random() > 0.02 else "x" for word in text.split()) for text in phrases[:20]]
    assert near_copies([*changed, *phrases[40:]], phrases[:40]) == list(range(20))


def test_a_phrase_that_is_everywhere_makes_no_copies_and_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(1)

    def phrases(n: int) -> list[str]:
        own = [" ".join(f"w{draw.randrange(5000)}" for _ in range(12)) for _ in range(n)]
        return [f"this review was collected for a gift and {text}" for text in own]

    examples, training = phrases(300), phrases(300)
    assert near_copies([*examples, training[5]], training) == [300]
    monkeypatch.setattr(module, "MAX_WORK", 1000)
    assert near_copies([*examples, training[5]], training) == [300]
