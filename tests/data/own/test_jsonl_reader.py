"""JSON: one object a line, or an array of objects, with the file's own digits."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.own.file_format import FileFormat, guess_format
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table, read_table

KEYS = st.sampled_from(["text", "label", "n", "more", "x y"])
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)


def table_of(text: str) -> Table:
    return read_table(text.encode(), FileFormat("jsonl"))


@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1), min_size=1, max_size=9), st.booleans(), st.booleans())
def test_objects_become_rows(objects: list[dict[str, str]], ascii_only: bool, as_array: bool) -> None:
    if as_array:
        text = json.dumps(objects, ensure_ascii=ascii_only, indent=2)
    else:
        text = "\n".join(json.dumps(each, ensure_ascii=ascii_only) for each in objects)
    table = table_of(text)
    columns = list(dict.fromkeys(key for each in objects for key in each))
    assert table.columns == tuple(columns)
    assert table.rows == tuple(tuple(each.get(column, "") for column in columns) for each in objects)
    assert guess_format(text.encode()).kind == "jsonl"


def test_numbers_keep_their_digits_and_null_is_empty() -> None:
    rows = table_of('{"a": 1.50, "b": 007e1}'.replace("007e1", "1e400") + '\n{"a": null, "b": true}').rows
    assert rows == (("1.50", "1e400"), ("", "true"))
    assert table_of('{"a": NaN, "b": ' + "9" * 5000 + "}").rows == (("NaN", "9" * 5000),)


def test_lists_and_objects_are_shown_as_json() -> None:
    rows = table_of('{"a": ["é", {"b": null}], "c": {}}\n{"a": 1}').rows
    assert rows == (('["é", {"b": null}]', "{}"), ("1", ""))


def test_half_a_character_becomes_a_question_mark() -> None:
    table = table_of('{"\\ud800k": "a\\udfffb\\u0000", "x": "\\ud83d\\ude00"}')
    assert (table.columns, table.rows) == (("?k", "x"), (("a?b", "😀"),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1}\n{"a": 2', "line 2 is not JSON"),
        ('{"a": 1}\n[1, 2]', "line 2 is ['1', '2']; give one JSON object a line"),
        ('{"a": 1} {"a": 2}', "line 1 holds more than one JSON value"),
        ("{}\n{}", "have no key"),
        ('{"text": ["a", "b"], "label": ["x", "y"]}', "one JSON object that holds all rows"),
        ('{"text": {"0": "a", "1": "b"}}', "one JSON object that holds all rows"),
        ("[]", "no row"),
        ('[{"a": 1}, 3]', "entry 2 is '3'"),
        ('[{"a": 1}', "not JSON behind entry 1"),
        ('[{"a": 1}] x', "not JSON behind entry 1"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ("[" + '{"a": 1},' * 50_002, "more than 50,000 rows"),
        (json.dumps({f"k{i}": i for i in range(300)}), "201 columns"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_list_of_objects_is_refused(text: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        table_of(text)
    assert words in f"{caught.value}"
    assert len(f"{caught.value}") < 300
