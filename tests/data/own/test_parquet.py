"""Parquet files, read by a process of its own: values as text, and bombs that are refused."""

from __future__ import annotations

import io
import math
import subprocess
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from labcore.data.own import parquet_process
from labcore.data.own.limits import MAX_CHARACTERS, DataError
from labcore.data.own.parquet_child import cells_of
from labcore.data.own.parquet_process import read_parquet


def written(columns: dict[str, Any], **settings: Any) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), out, **settings)
    return out.getvalue()


def test_values_are_text_and_missing_ones_are_empty() -> None:
    table = read_parquet(
        written(
            {
                "text": ["NA", None, "null"],
                "n": pyarrow.array([1, None, 3]),
                "f": [1.0, math.nan, 2.5],
                "b": [True, False, None],
                "bytes": [b"ab", b"\xff", None],
                "list": [["x"], None, [None]],
                "kind": pyarrow.array(["u", "v", None]).dictionary_encode(),
            }
        )
    )
    assert table.columns == ("text", "n", "f", "b", "bytes", "list", "kind")
    assert table.rows == (
        ("NA", "1", "1.0", "true", "ab", '["x"]', "u"),
        ("", "", "", "false", "\ufffd", "", "v"),
        ("null", "3", "2.5", "", "", "[null]", ""),
    )


def test_a_long_text_is_cut_behind_the_limit() -> None:
    assert [len(text) for (text,) in cells_of(written({"a": ["x" * 30_000]}))["rows"]] == [MAX_CHARACTERS + 1]


def test_too_many_rows_or_columns_are_refused_by_the_metadata() -> None:
    with pytest.raises(DataError, match="more than 50,000 rows"):
        cells_of(written({"a": pyarrow.array(range(50_001))}))
    with pytest.raises(DataError, match="201 columns"):
        cells_of(written({f"c{i}": ["x"] for i in range(201)}))


def test_a_file_that_unpacks_to_much_is_refused_by_the_metadata() -> None:
    bomb = written({"a": ["\0" * 3000] * 50_000}, compression="zstd", use_dictionary=False)
    assert len(bomb) < 1_000_000
    with pytest.raises(DataError, match="unpacks to 150 MB; give at most 100 MB"):
        cells_of(bomb)


def test_a_value_that_is_repeated_fills_no_memory() -> None:
    """The metadata have a small size only: the long text is in the file once."""
    repeated = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 50_000, pyarrow.int32()), ["x" * 5_000_000])
    bomb = written({"a": repeated})
    with pytest.raises(DataError, match="more than 100,000,000 characters together"):
        read_parquet(bomb)


def test_a_damaged_file_is_one_line() -> None:
    content = written({"text": ["a"] * 100, "label": ["b"] * 100})
    for damaged in (content[:-20], content[:60] + b"\xff" * 30 + content[90:], b"PAR1" * 10, b"PAR1"):
        with pytest.raises(DataError) as caught:
            read_parquet(damaged)
        assert f"{caught.value}".startswith("the Parquet file can't be read")
        assert "\n" not in f"{caught.value}"


def test_a_process_that_ends_or_hangs_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    content = written({"text": ["a"]})
    monkeypatch.setattr(parquet_process, "START", "import os; os.abort()")
    with pytest.raises(DataError, match="damaged or unpacks to too much"):
        read_parquet(content)

    def hangs(*_: Any, **settings: Any) -> None:
        raise subprocess.TimeoutExpired("python", settings["timeout"])

    monkeypatch.setattr("subprocess.run", hangs)
    with pytest.raises(DataError, match="not read within 30 s"):
        read_parquet(content)


def test_a_child_that_computes_for_ever_is_ended_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resource")
    endless = parquet_process.START.replace(
        "main()",
        "import labcore.data.own.parquet_child as child; child.CPU_SECONDS = 1; "
        "child.cells_of = lambda content: [0 for _ in iter(int, 1)]; main()",
    )
    monkeypatch.setattr(parquet_process, "START", endless)
    with pytest.raises(DataError, match="damaged or unpacks to too much"):
        read_parquet(written({"text": ["a"]}))


def test_memory_that_is_refused_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resource")
    start = parquet_process.START.replace(
        "main()",
        "import labcore.data.own.parquet_child as child; child.cells_of = lambda content: b'x' * 2**33; main()",
    )
    monkeypatch.setattr(parquet_process, "START", start)
    with pytest.raises(DataError, match="more than memory holds"):
        read_parquet(written({"text": ["a"]}))
