"""The splits of a data set: by the hash of the text or by a column, with every class in each."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.data.examples import SPLITS, split_of
from labcore.data.own.clean_rows import Row
from labcore.data.own.columns import Columns
from labcore.data.own.data_set import make_data_set
from labcore.data.own.limits import DataError
from labcore.data.own.splitting import split_rows
from tests.shared.own_data import COLUMNS, made, some, table


def test_the_hash_of_the_text_decides_the_split() -> None:
    data_set = made(some(400))
    for split in SPLITS:
        assert {split_of(text) for text in data_set.splits[split].text} == {split}
        assert list(data_set.splits[split].text) == sorted(data_set.splits[split].text)
    more = made([*some(400), *((f"new {i}", "a") for i in range(100))])
    for split in SPLITS:
        assert set(data_set.splits[split].text) <= set(more.splits[split].text)


def test_a_class_that_a_split_would_lack_gets_its_share_there() -> None:
    rare = [text for text in (f"rare {i}" for i in range(1000)) if split_of(text) == "train"][:24]
    rows = [*some(400), *((text, "rare") for text in rare)]
    data_set, report = make_data_set(table(rows), COLUMNS, "mine")
    assert report.moved == 6
    assert next(count for count in report.classes if count.label == "rare") == replace(
        report.classes[0], label="rare", train=18, validation=3, test=3
    )
    assert "6 examples changed their split" in " ".join(report.warnings)
    random.Random(0).shuffle(rows)
    assert made(rows).hash == data_set.hash


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 6)), min_size=1, max_size=150, unique_by=lambda r: r[0])
)
def test_every_class_of_three_or_more_is_in_every_split_and_no_row_is_lost(drawn: list[tuple[int, int]]) -> None:
    rows = [Row(f"t{number}", "", f"l{label}") for number, label in drawn]
    split = split_rows(sorted(rows))
    assert sorted(row for group in split.rows.values() for row in group) == sorted(rows)
    for label, count in Counter(row.label for row in rows).items():
        holders = [name for name, group in split.rows.items() if any(row.label == label for row in group)]
        assert len(holders) == min(3, count) or (count == 2 and len(holders) >= 1)
    unmoved = sum(split_of(row.content) == name for name, group in split.rows.items() for row in group)
    assert len(rows) - unmoved <= split.moved


def with_split(names: tuple[str, ...], n: int = 300) -> list[tuple[str, ...]]:
    return [(text, label, names[i % len(names)]) for i, (text, label) in enumerate(some(n, "aab"))]


BY_COLUMN = Columns("text", "label", split="part")


def test_a_split_column_is_honoured() -> None:
    rows = with_split(("Training", "train", "dev", " TEST "))
    data_set = made(rows, "text", "label", "part", columns=BY_COLUMN)
    expected = {"train": {"Training", "train"}, "validation": {"dev"}, "test": {" TEST "}}
    for split, names in expected.items():
        assert set(data_set.splits[split].text) == {text for text, _, name in rows if name in names}


@pytest.mark.parametrize(("there", "missing"), [("test", "validation"), ("valid", "test")])
def test_a_missing_split_is_made_of_training_examples(there: str, missing: str) -> None:
    rows = with_split(("train", "train", "train", there), 800)
    data_set, report = make_data_set(table(rows, "text", "label", "part"), BY_COLUMN, "mine")
    given_split = "test" if there == "test" else "validation"
    assert set(data_set.splits[given_split].text) == {text for text, _, name in rows if name == there}
    assert 50 < report.splits[missing] < 100  # an eighth of 600
    assert f"The split column has no {missing} rows" in " ".join(report.warnings)


def test_an_example_in_two_splits_stays_in_test() -> None:
    rows = [*with_split(("train", "dev", "test", "train")), ("twice", "a", "train"), ("twice", "a", "test")]
    data_set, report = make_data_set(table(rows, "text", "label", "part"), BY_COLUMN, "mine")
    assert (report.in_two_splits, report.duplicated) == (1, 1)
    assert "twice" in data_set.splits["test"].text
    assert "twice" not in data_set.splits["train"].text


def test_a_split_column_of_other_values_is_refused() -> None:
    with pytest.raises(DataError, match="'part' holds 'blue', '' in 200 rows, which names no split; give train, valid"):
        made(with_split(("train", "blue", "")), "text", "label", "part", columns=BY_COLUMN)


def test_a_class_without_training_examples_is_refused() -> None:
    rows = [*with_split(("train", "dev", "test", "train")), *((f"new {i}", "-1", "test") for i in range(30))]
    with pytest.raises(DataError, match="No training example has the label '-1'"):
        made(rows, "text", "label", "part", columns=BY_COLUMN)
