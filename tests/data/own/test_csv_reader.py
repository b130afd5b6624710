"""CSV files: cells as pandas reads them, and the oddities of real ones."""

from __future__ import annotations

import csv
import io

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.own.file_format import FileFormat, guess_format
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table, read_table

CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n"), max_size=12)
WORDS = ("a good film", "so bad, really", 'he said "no"', "two\nlines", "NA", "null", "", "nan", "1.50", "=1+1")


def table_of(text: str | bytes, name: str = "x.csv", **changes: object) -> Table:
    content = text.encode() if isinstance(text, str) else text
    file_format = guess_format(content, name)
    return read_table(content, FileFormat(**{**vars(file_format), **changes}))  # type: ignore[arg-type]


def written(rows: list[list[str]], delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12)
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_cells_are_those_that_were_written_and_that_pandas_reads(
    rows: list[list[str]], delimiter: str, quoting: int
) -> None:
    if delimiter == "|":  # then a quote is taken for a character if every line has as many fields
        rows = [[cell.replace("|", "/") for cell in row] for row in rows]
    names = [f"c{i}" for i in range(len(rows[0]))]
    content = written([names, *rows], delimiter, quoting).encode()
    table = read_table(content, FileFormat("csv", delimiter=delimiter))
    frame = pandas.read_csv(io.BytesIO(content), sep=delimiter, dtype=str, keep_default_na=False)
    assert table.columns == tuple(frame.columns) == tuple(names)
    assert table.rows == tuple(map(tuple, rows)) == tuple(frame.itertuples(index=False, name=None))
    assert table.notes == ()


@given(st.lists(st.sampled_from(WORDS), min_size=8, max_size=30), st.sampled_from(",;\t|"))
def test_the_delimiter_and_the_header_are_guessed(phrases: list[str], delimiter: str) -> None:
    rows = [[f"{text} and some more words {i}", "xy"[i % 2]] for i, text in enumerate(phrases)]
    for header in (True, False):
        table = table_of(written([["text", "label"], *rows] if header else rows, delimiter))
        assert table.columns == (("text", "label") if header else ("column 1", "column 2"))
        assert table.rows == tuple(map(tuple, rows))


def test_a_label_na_and_a_text_null_survive() -> None:
    table = table_of("text,label\nnull,NA\nNaN,\n,None\n")
    assert table.rows == (("null", "NA"), ("NaN", ""), ("", "None"))


def test_tabs_in_a_csv_and_commas_in_a_tsv() -> None:
    assert table_of("text\tlabel\na, b\tx\nc\ty\n", "x.csv").rows == (("a, b", "x"), ("c", "y"))
    assert table_of('text,label\n"a\tb",x\nc,y\n', "x.tsv").rows == (("a\tb", "x"), ("c", "y"))


def test_three_lines_above_the_header_are_left_out() -> None:
    rows = "".join(f"text {i} here;{'ab'[i % 2]}\n" for i in range(9))
    for title in ("My survey\nExported on 2024-05-01\n\n", "My survey;\nof 2024;\nby me;\n"):
        content = f"{title}text;label\n{rows}".encode()
        file_format = guess_format(content)
        assert (file_format.lines_above, file_format.delimiter, file_format.header) == (3, ";", True)
        assert read_table(content, file_format).columns == ("text", "label")


def test_columns_get_names_that_differ() -> None:
    names = table_of('text,text, ,label ,"two\nlines"\na,b,c,d,e\n').columns
    assert names == ("text", "text (2)", "column 3", "label", "two lines")


def test_a_line_that_ends_in_a_delimiter_has_no_more_columns() -> None:
    table = table_of("text,label,\na,x,\nb,y,\n")
    assert (table.columns, table.rows) == (("text", "label"), (("a", "x"), ("b", "y")))


def test_shorter_and_longer_rows_are_reported() -> None:
    table = table_of("text,label\na,x\nb\nc,y,z\nd,y\n")
    assert table.rows == (("a", "x"), ("b", ""), ("d", "y"))
    assert [note.split(" ")[0] for note in table.notes] == ["1", "1"]
    with pytest.raises(DataError, match="more fields than the 2 of the first row; choose another delimiter"):
        table_of("text,label\n" + "well, yes, no,x\n" * 9)


# -- quotes --------------------------------------------------------------------------------------------


def test_quotes_of_a_tsv_that_has_none_are_characters() -> None:
    """As the GLUE files: a quote at a field's start would swallow all rows up to the next one."""
    rows = [('"a quote', "neg"), ("plain", "pos"), ('another"', "neg"), ('"both"', "pos"), ('5" screen', "neg")]
    table = table_of("text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows), "x.tsv")
    assert table.rows == tuple(rows)
    assert "quotes were read as characters" in table.notes[0]


def test_one_comma_in_the_first_line_of_a_quoted_text_splits_nothing() -> None:
    table = table_of('text,label\n"Dear Sir, hello\nyours",x\nb,y\n')
    assert table.rows == (("Dear Sir, hello\nyours", "x"), ("b", "y"))


def test_a_file_that_was_cut_off_within_quotes_loses_its_last_row_only() -> None:
    rows = [[f"some text, {i}\nsecond line", "ab"[i % 2]] for i in range(40)]
    content = written([["text", "label"], *rows], ",")
    table = table_of(content[: content.rindex("second") + 3])
    assert table.rows == tuple(map(tuple, rows[:-1]))
    assert "cut off" in table.notes[0]


def test_a_stray_quote_in_a_large_file_swallows_nothing() -> None:
    lines = [f"a text of number {i},{'xy'[i % 2]}" for i in range(5000)]
    lines[7] = f'"{lines[7]}'
    table = table_of("text,label\n" + "\n".join(lines))
    assert len(table.rows) == 5000
    assert table.rows[7] == ('"a text of number 7', "y")


# -- headers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "header"),
    [
        ("label,text", True),
        ("Sentiment;Review Text".replace(";", ","), True),
        ("v1,v2", True),
        ("airline_sentiment,tweet_text", True),
        ("x,this is a film that I liked", False),
        ("0,the film was a joy", False),
        ("1,2", False),
    ],
)
def test_a_header_is_known_by_what_it_differs_in(first: str, header: bool) -> None:
    rows = [f"{'xy'[i % 2]},the film of number {i} was rather long" for i in range(30)]
    rows = [row.replace("x,", "0,").replace("y,", "1,") for row in rows] if first.startswith(("0", "1")) else rows
    assert guess_format("\n".join([first, *rows]).encode()).header is header


# -- limits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",".join(f"c{i}" for i in range(10_000)) + "\n1,2", "10,000 columns"),
        ("a," * 100_000, "more than 50,000 fields"),
        ("a,b\n" * 50_002, "more than 50,000 rows"),
        ("text,label\n" + "x" * 200_000 + ",a\n", "more than 131,072 characters"),
        ("\n" * 1_000_001, "1,000,001 lines"),
        ("text,label\n", "no row"),
        ("\n\n", "no row"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_over_a_limit_is_refused(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        table_of(text)


def test_a_table_of_the_most_rows_is_read() -> None:
    assert len(table_of("text,label\n" + "a,b\n" * 50_000).rows) == 50_000


@pytest.mark.parametrize("length", [5_000, 10])
def test_a_quoted_text_that_is_too_long_is_refused_and_not_torn(length: int) -> None:
    """A novel in a cell: its lines are no rows."""
    novel = "\n".join(["x, and " * length] * 2_500)
    with pytest.raises(DataError, match=r"the quotes do not fit: a (text|row) has more than"):
        table_of(f'text,label\n"{novel[:1_000_000]}",a\n"short",b\n')
