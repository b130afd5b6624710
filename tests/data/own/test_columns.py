"""Guesses at the columns of text, label, second text and split, on tables like people's own."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.own.columns import Columns, guess_columns
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table

DRAW = random.Random(3)
WORDS = ["the", "film", "was", "a", "joy", "and", "I", "would", "see", "it", "again", "with", "my", "friends", "soon"]


def phrase(least: int = 6, most: int = 14) -> str:
    return " ".join(DRAW.choice(WORDS) for _ in range(DRAW.randint(least, most)))


def table(**columns: object) -> Table:
    """A table of 200 rows; a column is a function of the row's index."""
    rows = tuple(tuple(str(make(i)) for make in columns.values()) for i in range(200))  # type: ignore[operator]
    return Table(tuple(columns), rows)


FIELD = {
    "plain": (table(text=lambda i: phrase(), label=lambda i: "ab"[i % 2]), Columns("text", "label")),
    "other names": (table(v1=lambda i: ("ham", "spam")[i % 2], v2=lambda i: phrase()), Columns("v2", "v1")),
    "no names": (
        table(**{"column 1": lambda i: i % 5, "column 2": lambda i: phrase()}),
        Columns("column 2", "column 1"),
    ),
    "with an id and a date": (
        table(id=lambda i: i, date=lambda i: f"2024-05-{i % 28 + 1:02}", review=lambda i: phrase(),
              stars=lambda i: i % 5 + 1, user=lambda i: f"user{i % 40}"),
        Columns("review", "stars"),
    ),
    "a short title beside the text": (
        table(title=lambda i: phrase(2, 4), body=lambda i: phrase(20, 40), category=lambda i: f"c{i % 20}"),
        Columns("body", "category"),
    ),
    "a constant column and one of two values": (
        table(source=lambda i: "web", verified=lambda i: i % 2, text=lambda i: phrase(),
              sentiment=lambda i: "abc"[i % 3]),
        Columns("text", "sentiment"),
    ),
    "many labels": (
        table(utterance=lambda i: phrase(4, 8), intent=lambda i: f"intent_{i % 77}"),
        Columns("utterance", "intent"),
    ),
    "a split": (
        table(text=lambda i: phrase(), label=lambda i: "ab"[i % 2], set=lambda i: ("train", "dev", "test")[i % 3]),
        Columns("text", "label", split="set"),
    ),
    "a pair": (
        table(premise=lambda i: phrase(), hypothesis=lambda i: phrase(3, 6), gold_label=lambda i: "ecn"[i % 3]),
        Columns("premise", "gold_label", text_b="hypothesis"),
    ),
    "a pair with numbers": (
        table(idx=lambda i: i, sentence1=lambda i: phrase(), sentence2=lambda i: phrase(), label=lambda i: i % 2),
        Columns("sentence1", "label", text_b="sentence2"),
    ),
    "text without spaces": (
        table(x=lambda i: f"とても良い映画です{i}番目の文です", y=lambda i: "良悪"[i % 2]), Columns("x", "y"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELD)
def test_columns_are_guessed(name: str) -> None:
    given_table, expected = FIELD[name]
    assert guess_columns(given_table) == expected


def test_given_columns_keep_their_roles() -> None:
    given_table, _ = FIELD["a pair with numbers"]
    assert guess_columns(given_table, text="sentence2").text == "sentence2"
    assert guess_columns(given_table, label="idx").label == "idx"
    assert guess_columns(given_table, text="idx", text_b="sentence1") == Columns("idx", "label", "sentence1")
    with pytest.raises(DataError, match="there is no column 'no'; give one of 'idx', 'sentence1'"):
        guess_columns(given_table, label="no")


def test_a_table_of_one_column_or_of_none_left_is_refused() -> None:
    with pytest.raises(DataError, match="one column, 'text', and needs a text and a label"):
        guess_columns(Table(("text",), (("a",),)))
    with pytest.raises(DataError, match="no column is left"):
        guess_columns(Table(("a", "b"), (("x", "y"),)), text="a", text_b="b")


def test_a_column_has_one_role() -> None:
    with pytest.raises(DataError, match="'a' is both text and label"):
        Columns("a", "a")
    with pytest.raises(DataError, match="'b' is both label and split"):
        Columns("a", "b", split="b")
    with pytest.raises(DataError, match="no column 'c' for text_b"):
        Columns("a", "b", text_b="c").check(Table(("a", "b"), ()))


@given(
    st.integers(2, 6).flatmap(
        lambda width: st.lists(st.lists(st.text(max_size=6), min_size=width, max_size=width), max_size=9)
    )
)
def test_any_table_has_two_columns_for_text_and_label(rows: list[list[str]]) -> None:
    width = len(rows[0]) if rows else 2
    columns = tuple(f"c{i}" for i in range(width))
    guess = guess_columns(Table(columns, tuple(map(tuple, rows))))
    assert {guess.text, guess.label} <= set(columns)
    assert guess.text != guess.label
