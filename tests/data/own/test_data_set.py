"""From a table to a data set: what is dropped, which split each example has, and what the report states."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.examples import split_of
from labcore.data.own.clean_rows import clean
from labcore.data.own.columns import Columns
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_set import clean_name, make_data_set, report_of, sorted_labels
from labcore.data.own.limits import MAX_CHARACTERS, DataError
from tests.shared.own_data import COLUMNS, made, some, table

# -- cleaning ------------------------------------------------------------------------------------------

DIRTY = st.lists(
    st.tuples(st.sampled_from(["", " ", "a", "a ", "b", "c", "d"]), st.sampled_from(["", "x", "y", " y"])), max_size=25
)


@given(DIRTY, st.randoms())
def test_every_row_is_kept_or_counted_once_whatever_the_order(
    rows: list[tuple[str, str]], shuffle: random.Random
) -> None:
    cleaned = clean(table(list(rows)), COLUMNS)
    assert cleaned.rows == len(rows)
    assert cleaned.rows == cleaned.empty + cleaned.duplicated + cleaned.contradictory + len(cleaned.kept)
    labels: dict[str, set[str]] = {}
    for text, label in rows:
        if text.strip() and label.strip():
            labels.setdefault(text.strip(), set()).add(label.strip())
    expected = sorted((text, *names) for text, names in labels.items() if len(names) == 1)
    assert [(row.text, row.label) for row in cleaned.kept] == expected
    mixed = list(rows)
    shuffle.shuffle(mixed)
    assert clean(table(list(mixed)), COLUMNS) == cleaned


def test_a_text_with_two_labels_is_left_out_and_reported() -> None:
    rows = [*some(), ("both", "a"), ("both", "b"), ("both", "a")]
    data_set, report = make_data_set(table(rows), COLUMNS, "mine")
    assert report.contradictory == 3
    assert report.contradictions == ("\"both\" ('a', 'b')",)
    assert (
        "3 rows have a text with more than one label and were left out, such as \"both\" ('a', 'b')." in report.warnings
    )
    assert all("both" not in examples.text for examples in data_set.splits.values())


def test_a_long_text_is_cut_and_reported() -> None:
    data_set, report = make_data_set(table([*some(), ("x" * 30_000, "a")]), COLUMNS, "mine")
    assert report.shortened == 1
    assert max(len(text) for examples in data_set.splits.values() for text in examples.text) == MAX_CHARACTERS


def test_labels_are_the_files_text_and_numbers_go_by_value() -> None:
    assert sorted_labels({"10", "9", "1.0", "-1"}) == ("-1", "1.0", "9", "10")
    assert sorted_labels({"10", "9", "x"}) == ("10", "9", "x")
    for labels in (("NA", "null"), ("0.0", "1.0"), ("=cmd()", "<b>*x*</b>"), ("no", "yes, very"), ("غير", "نعم")):
        rows = [(text, labels[i % 2]) for i, (text, _) in enumerate(some())]
        assert made(rows).label_names == tuple(sorted(labels))


# -- pairs ---------------------------------------------------------------------------------------------


def test_pairs_are_known_by_both_texts() -> None:
    rows = [(f"one {i % 40}", f"other {i}", "ab"[i % 2]) for i in range(200)]
    rows += [("one 1", "other 1", "b"), ("one 2", "", "a")]
    data_set, report = make_data_set(
        table(rows, "text", "second", "label"), Columns("text", "label", text_b="second"), "mine"
    )
    assert (report.duplicated, report.empty, report.examples) == (1, 1, 200)
    assert data_set.pairs
    train = data_set.splits["train"]
    assert train.second is not None
    assert {split_of(f"{text}\n{other}") for text, other in zip(train.text, train.second, strict=True)} == {"train"}


# -- the report ----------------------------------------------------------------------------------------


def test_figures_by_hand() -> None:
    rows = [(f"{'good' if i % 4 else 'bad'} {i} and {i * 3 % 17}", "pos" if i % 4 else "neg") for i in range(1000)]
    report = report_of(table(rows), COLUMNS)
    test = report.splits["test"]
    positive = next(count for count in report.classes if count.label == "pos")
    assert sum(count.total for count in report.classes) == report.examples == 1000
    assert (report.majority, report.majority_accuracy) == ("pos", positive.test / test)
    assert report.standard_error_at == 0.8
    assert report.standard_error == pytest.approx((0.8 * 0.2 / test) ** 0.5, rel=0.05)
    assert report.problems == ()


def test_a_strong_majority_is_the_accuracy_of_the_standard_error() -> None:
    rows = [(f"word{i} text {i * 5}", "pos" if i % 20 else "neg") for i in range(2000)]
    report = report_of(table(rows), COLUMNS)
    assert report.standard_error_at == report.majority_accuracy > 0.9
    assert any("always predicts one class reaches 9" in warning for warning in report.warnings)


def test_near_copies_across_splits_are_counted() -> None:
    phrases = [f"alpha{i} beta{i} gamma{i} delta{i} epsilon{i} zeta{i} eta{i} theta{i}" for i in range(400)]
    rows = [(f"{text}{end}", "ab"[i % 2]) for i, text in enumerate(phrases) for end in ("", " too")]
    report = report_of(table(rows), COLUMNS)
    assert report.near_copies["test"] > 0.5 * report.splits["test"]
    assert any("test examples are near copies" in warning for warning in report.warnings)


PROBLEMS = {
    "one class": (some(200, "a"), "All examples have the label 'a'; give 2 to 150 classes"),
    "all distinct": ([(f"text {i}", f"label {i}") for i in range(500)], "Every example has a label of its own"),
    "too many classes": ([(f"text {i}", f"l{i % 200}") for i in range(900)], "has 200 different values"),
    "few of a class": ([*some(), *((f"r {i}", "rare") for i in range(19))], "Too few examples of 'rare' (19); give 20"),
    "nothing": ([("", "a"), ("b", "")], "None of 2 rows has both a text and a label"),
    "contradictions only": ([("a", "x"), ("a", "y")], "All texts in 2 rows have more than one label"),
    "a long label": ([(text, "x" * 300 if i % 2 else "y") for i, (text, _) in enumerate(some())], "300 characters"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_can_not_be_trained_on_is_refused_with_the_reason(name: str) -> None:
    rows, words = PROBLEMS[name]
    report = report_of(table(rows), COLUMNS)
    assert any(words in problem for problem in report.problems)
    with pytest.raises(DataError) as caught:
        make_data_set(table(rows), COLUMNS, "mine")
    assert f"{caught.value}" == " ".join(report.problems)


WARNINGS = {
    "few validation examples": (some(), "with fewer than 200, accuracies are uncertain"),
    "case": ([(text, ("Pos", "pos")[i % 2]) for i, (text, _) in enumerate(some())], "differ only in their case"),
    "nan": ([(text, ("nan", "pos")[i % 2]) for i, (text, _) in enumerate(some())], "'nan' may stand for a missing one"),
    "numbers": ([(text, f"{i % 15}") for i, (text, _) in enumerate(some(600))], "15 labels are numbers"),
    "repeated": ([*some(), *some(), *some()], "400 of 600 rows repeat another"),
    "empty": ([*some(), ("", "a")], "1 rows without a text or a label"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_doubtful_is_stated(name: str) -> None:
    rows, words = WARNINGS[name]
    report = report_of(table(rows), COLUMNS)
    assert report.problems == ()
    assert any(words in warning for warning in report.warnings)


def test_small_classes_are_left_out_on_request() -> None:
    rows = [*some(), *((f"r {i}", "rare") for i in range(19)), ("typo", "aa")]
    data_set, report = make_data_set(table(rows), COLUMNS, "mine", leave_out_small=True)
    assert data_set.hash == made(some()).hash
    assert (report.rows, report.left_out, report.examples) == (220, 20, 200)
    assert "20 examples of classes with fewer than 20 were left out, of 'aa', 'rare'." in report.warnings
    few = report_of(table([("a", "x"), ("b", "y")]), COLUMNS, leave_out_small=True)
    assert few.problems == ("No class has 20 examples or more; choose another label column.",)


def test_a_report_goes_through_json() -> None:
    report = report_of(table([*some(), ("both", "a"), ("both", "b")]), COLUMNS)
    assert DataReport.from_json(json.loads(json.dumps(report.to_json()))) == report
    for broken in (None, [], {}, {"rows": 1}, report.to_json() | {"classes": 3}):
        with pytest.raises(DataError, match="not whole"):
            DataReport.from_json(broken)


# -- the hash and the name -----------------------------------------------------------------------------


def test_the_hash_is_of_all_that_training_reads_and_of_nothing_else() -> None:
    base = made(some())
    assert len(base.hash) == 16
    assert replace(base, name="another", mean_tokens=9).hash == base.hash
    others = [
        made(some(), max_tokens=64),
        made([(text, label.upper()) for text, label in some()]),
        made([*some(), ("one more", "a")]),
        made([(text, "ab"[label == "a"]) for text, label in some()]),
        replace(base, splits=base.splits | {"train": base.splits["test"], "test": base.splits["train"]}),
        replace(base, splits={split: replace(each, second=each.text) for split, each in base.splits.items()}),
    ]
    assert len({base.hash, *(each.hash for each in others)}) == len(others) + 1


@pytest.mark.parametrize("tokens", [7, 513, 1.5, True, "64"])
def test_the_number_of_tokens_is_checked(tokens: int) -> None:
    with pytest.raises(DataError, match="max_tokens is"):
        made(some(), max_tokens=tokens)


def test_names_are_one_visible_line() -> None:
    assert clean_name(" my\n\tdata\0 \u202eset ") == "my data set"
    assert clean_name("<b>*x*</b>") == "<b>*x*</b>"
    assert clean_name("é" * 80) == "é" * 80
    with pytest.raises(DataError, match="has 200 characters; give at most 80"):
        clean_name("é" * 200)
    for name in ("", " \n", "\u200b\u202e"):
        with pytest.raises(DataError, match="name of a data set is empty"):
            clean_name(name)


def test_a_sample_is_a_short_validation_example() -> None:
    data_set = made(some())
    text, second = data_set.sample
    assert text in data_set.splits["validation"].text
    assert second == ""


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(DataError, match="50,001 rows; give at most 50,000"):
        report_of(table([("a", "b")] * 50_001), COLUMNS)
