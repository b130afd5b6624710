"""What a file is, by its content: its name may be wrong."""

from __future__ import annotations

import pytest

from benchmarks.mutations.data_files import good_files, other_files
from labcore.data.own.file_format import FileFormat, guess_format
from labcore.data.own.limits import MAX_BYTES, DataError, check_size, limits_in_words
from labcore.data.own.table import read_table

FORMATS = {
    "comma.csv": FileFormat("csv"),
    "quoted.csv": FileFormat("csv"),
    "mark.csv": FileFormat("csv", "utf-8-sig"),
    "semicolon.csv": FileFormat("csv", "cp1252", ";"),
    "tab.tsv": FileFormat("csv", delimiter="\t"),
    "wide.csv": FileFormat("csv", "utf-16", "\t"),
    "plain.csv": FileFormat("csv", delimiter="|", header=False),
    "lines.jsonl": FileFormat("jsonl"),
    "array.json": FileFormat("jsonl"),
    "table.parquet": FileFormat("parquet"),
    "packed.parquet": FileFormat("parquet"),
}
KINDS = {
    "archive.zip": "a zip archive",
    "workbook.xlsx": "an Excel workbook",
    "comma.csv.gz": "a gzip archive",
    "rows.pkl": "a Python pickle",
    "page.html": "a web page",
    "paper.pdf": "a PDF document",
    "picture.png": "a PNG image",
    "noise.bin": "no text",
    "zeros.csv": "no text",
    "empty.csv": "empty",
}


@pytest.mark.parametrize("name", good_files())
def test_the_format_is_guessed_whatever_the_name(name: str) -> None:
    for claimed in (name, "x.csv", "x.tsv", "x.zip", ""):
        assert guess_format(good_files()[name], claimed) == FORMATS[name]


def test_every_format_gives_the_same_rows() -> None:
    tables = {name: read_table(good_files()[name], FORMATS[name]) for name in good_files()}
    first = tables["comma.csv"]
    assert first.columns == ("text", "label")
    for name in ("mark.csv", "tab.tsv", "wide.csv", "plain.csv"):
        assert tables[name].rows == first.rows
    for name in ("lines.jsonl", "array.json", "table.parquet", "packed.parquet"):
        assert [row[:2] for row in tables[name].rows] == list(first.rows)
        assert tables[name].columns[:3] == ("text", "label", "n")


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_table_is_named(name: str) -> None:
    with pytest.raises(DataError, match=KINDS[name]):
        guess_format(other_files()[name], "renamed.csv")
    with pytest.raises(DataError):  # also if a person insists
        read_table(other_files()[name], FileFormat("csv"))


def test_a_wrong_correction_is_refused() -> None:
    content = good_files()["table.parquet"]
    with pytest.raises(DataError, match="is a Parquet file, and its kind is 'csv'"):
        read_table(content, FileFormat("csv"))
    with pytest.raises(DataError, match="is no Parquet file"):
        read_table(b"text,label\na,b\n", FileFormat("parquet"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "xls"}, "the kind is 'xls'; give one of csv, jsonl, parquet"),
        ({"encoding": "klingon"}, "the encoding is 'klingon'; give one of utf-8, "),
        ({"delimiter": ""}, "the delimiter is ''; give one character"),
        ({"delimiter": '"'}, "the delimiter is '\"'"),
        ({"delimiter": "ab"}, "the delimiter is 'ab'"),
        ({"header": "yes"}, "header is 'yes'"),
        ({"lines_above": -1}, "lines_above is -1"),
    ],
)
def test_a_format_is_checked(changes: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        FileFormat(**({"kind": "csv"} | changes))  # type: ignore[arg-type]


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    check_size(MAX_BYTES)
    with pytest.raises(DataError, match=r"2,000\.0 MB; give at most 20 MB"):
        check_size(2_000_000_000)
    with pytest.raises(DataError, match=r"20\.0 MB; give at most 20 MB"):
        guess_format(b"a" * (MAX_BYTES + 1))


def test_the_limits_are_stated() -> None:
    for limit in ("20 MB", "50,000 rows", "20,000 characters", "2 to 150 classes", "20 examples", "200 validation"):
        assert limit in limits_in_words()
