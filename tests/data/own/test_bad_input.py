"""What people bring that is no good data, and oddities that are: each with its own sentence, or taken as it is."""

from __future__ import annotations

import gzip
import pickle

import pytest

from benchmarks.mutations.data_files import good_files, other_files
from labcore.data.own.columns import Columns, guess_columns
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_set import DataSet, make_data_set
from labcore.data.own.data_store import load, save
from labcore.data.own.file_format import guess_format
from labcore.data.own.limits import MAX_NAME, DataError
from labcore.data.own.table import read_table


def taken(content: bytes, name: str = "x.csv") -> tuple[Columns, DataSet, DataReport]:
    """The data set in a file by all guesses, after it went to the disk and back."""
    table = read_table(content, guess_format(content, name))
    columns = guess_columns(table)
    data_set, report = make_data_set(table, columns, name)
    assert load(save(data_set, report).hash) == data_set
    return columns, data_set, report


def csv(
    label: str = "ab", text: str = "some words of example {i}, and more", n: int = 60, head: str = "text,label"
) -> str:
    """A CSV file whose labels are the characters of `label`, in turn."""
    rows = (f'"{text.format(i=i)}",{label[i % len(label)]}' for i in range(n))
    return "\n".join([head, *rows])


REFUSED = {
    "a zip named .csv": (other_files()["archive.zip"], "a zip archive; unpack it"),
    "a workbook named .csv": (other_files()["workbook.xlsx"], "an Excel workbook (.xlsx); save its sheet as CSV"),
    "a gzip archive": (gzip.compress(csv().encode()), "a gzip archive"),
    "a pickle": (pickle.dumps({"text": ["a"]}), "a Python pickle, which the lab never opens"),
    "a picture": (other_files()["picture.png"], "a PNG image"),
    "noise": (other_files()["noise.bin"], "no text"),
    "an empty file": (b"", "the file is empty"),
    "a header only": (b"text,label\n", "no row"),
    "one column": (b"text\n" + b"some words\n" * 50, "one column, 'text', and needs a text and a label"),
    "one class": (csv("a").encode(), "All examples have the label 'a'"),
    "labels that all differ": (
        "\n".join(["text,label", *(f"text {i} is here,label {i}" for i in range(400))]).encode(),
        "Every example has a label of its own",
    ),
    "a class of three": (csv("aaaabbbbaaaabbbbaaac").encode(), "Too few examples of 'c' (3); give 20 or more"),
    "10,000 columns": (
        ",".join(f"c{i}" for i in range(10_000)).encode() + b"\n1,2",
        "10,000 columns; give at most 200",
    ),
    "half of a Parquet file": (good_files()["table.parquet"][:2000], "the Parquet file can't be read"),
    "half of a JSONL file": (good_files()["lines.jsonl"][:2000], "is not JSON"),
    "texts without labels": (csv(" ").encode(), "None of 60 rows has both a text and a label"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_own_sentence(name: str) -> None:
    content, words = REFUSED[name]
    with pytest.raises(DataError) as caught:
        taken(content)
    assert words in f"{caught.value}"


def test_a_truncated_csv_is_read_up_to_its_end() -> None:
    _, data_set, report = taken(csv(n=100).encode()[:-20])
    assert report.examples == data_set.examples == 99


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_mark_at_the_start_is_no_part_of_a_name(encoding: str) -> None:
    columns, data_set, _ = taken(csv(text="größer und schöner {i}").encode(encoding))
    assert columns == Columns("text", "label")
    assert any("größer" in text for text in data_set.splits["train"].text)


def test_mixed_encodings_are_read_and_counted() -> None:
    content = csv(text="größer und schöner {i}").encode() + '\n"größer, aber anders",a'.encode("cp1252")
    _, data_set, report = taken(content)
    assert report.warnings[0] == "2 bytes could not be read in utf-8."
    assert sum("gr\ufffd\ufffder" in text for each in data_set.splits.values() for text in each.text) == 1


def test_semicolons_in_cp1252_and_a_space_in_a_columns_name() -> None:
    content = csv(head="Text ; Label").replace('",', '";').replace("words", "Wörter").encode("cp1252")
    columns, data_set, _ = taken(content)
    assert columns == Columns("Text", "Label")
    assert data_set.label_names == ("a", "b")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("=cmd|' /C calc'!A0", "+1"),
        ("<script>alert(1)</script>", "<b>b</b>"),
        ("[x](javascript:alert(1))", "**bold** $x$ :red[y]"),
        ("شيء", "شيء آخر"),
        ("\u202eabc", "abc"),
        ("../../etc/passwd", "C:\\x"),
        ("NA", "null"),
        ("0.0", "1.0"),
        ("nan", "inf"),
        ("😀", "a" * 100),
    ],
    ids=["formula", "HTML", "Markdown", "RTL", "override", "path", "NA", "floats", "not finite", "emoji and long"],
)
def test_a_label_is_text_whatever_it_holds(first: str, second: str) -> None:
    labels = (first, second)
    content = csv("01").replace('",0', f'",{first}').replace('",1', f'",{second}')
    _, data_set, report = taken(content.encode())
    assert set(data_set.label_names) == set(labels)
    assert {count.label for count in report.classes} == set(labels)


def test_right_to_left_text_goes_through_unchanged() -> None:
    _, data_set, _ = taken(csv(text="هذا فيلم جيد جدا \u200f{i}").encode())
    assert all(text.startswith("هذا فيلم") for text in data_set.splits["test"].text)


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\y.csv", "x\0.csv", "<b>", "a" * 5000, "\u202etxt.csv"])
def test_a_files_name_is_no_path(name: str) -> None:
    _, data_set, _ = taken(csv().encode(), name[:MAX_NAME])  # as page and command line take a file's name
    assert len(data_set.name) <= MAX_NAME
    assert data_set.name.isprintable()


def test_the_same_text_with_two_labels_is_never_decided_by_the_last() -> None:
    content = csv() + '\n"some words of example 0, and more",b'
    _, data_set, report = taken(content.encode())
    assert report.contradictory == 2
    assert not any("example 0," in text for each in data_set.splits.values() for text in each.text)


def test_pasted_text_goes_through_the_same_door() -> None:
    pasted = "\n".join(f"a text of number {i}\t{'ja' if i % 2 else 'nein'}" for i in range(60))
    columns, data_set, _ = taken(pasted.encode(), "pasted")
    assert columns == Columns("column 1", "column 2")
    assert (data_set.name, data_set.label_names) == ("pasted", ("ja", "nein"))
