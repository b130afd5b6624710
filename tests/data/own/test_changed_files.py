"""Files that are damaged, renamed or no data at all: each gives a table or one line, soon, and memory comes back."""

from __future__ import annotations

import io
import random
import zipfile
from collections import Counter

import psutil
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from benchmarks.mutations.data_files import CHANGES, changed_file, good_files
from benchmarks.mutations.data_outcome import MAX_SECONDS, FileOutcome, outcome_of_file
from labcore.data.own.limits import MAX_BYTES
from labcore.system.host import give_back_memory

MAX_GROWTH = 50_000_000  # bytes


def check(outcome: FileOutcome, of: str) -> None:
    assert outcome.wrong == "", f"{of}: {outcome.wrong}"
    assert outcome.seconds < MAX_SECONDS, of
    assert (outcome.reached == "data set") == (outcome.line == ""), of


def many(seed: int, count: int) -> Counter[str]:
    """The stage that each of `count` changed files reached; every third is read in a corrected format."""
    reached: Counter[str] = Counter()
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        of, name, content = changed_file(draw)
        outcome = outcome_of_file(content, name, draw if number % 3 == 0 else None)
        check(outcome, f"{seed} {number}: {of} as {name!r}")
        reached[outcome.reached] += 1
    return reached


def test_changed_files_give_a_table_or_one_line() -> None:
    reached = many(0, 150)
    assert reached["data set"] > 15
    assert reached["nothing"] > 5


@pytest.mark.full
@pytest.mark.parametrize("seed", [1])
def test_many_changed_files_do_and_memory_comes_back(seed: int) -> None:
    many(seed, 20)  # libraries are loaded, caches are full
    give_back_memory()
    process = psutil.Process()
    before = process.memory_info().rss
    many(seed + 100, 300)
    give_back_memory()
    assert process.memory_info().rss - before < MAX_GROWTH


CSV = st.lists(
    st.sampled_from(['"', ",", ";", "\t", "\n", "\r\n", "a", "b c d", "text", "label", "é", "\0", "=1", " ", "1.0"]),
    max_size=60,
).map("".join)
JSON = st.lists(
    st.sampled_from(['{"text": "a"', ', "label": ', '"x"', "}", "\n", "[", "]", ",", "null", "1e9", "\\ud800", "{"]),
    max_size=30,
).map("".join)


@settings(max_examples=100)
@given(st.one_of(st.binary(max_size=200), CSV.map(str.encode), JSON.map(str.encode)), st.sampled_from(["", "x.csv"]))
def test_any_small_file_gives_a_table_or_one_line(content: bytes, name: str) -> None:
    check(outcome_of_file(content, name, random.Random(len(content))), repr(content))


@pytest.mark.full
@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=2000), CSV.map(str.encode), JSON.map(str.encode), CSV.map(lambda t: t.encode("utf-16"))
    ),
    st.integers(0, 10**6),
)
def test_many_small_files_do(content: bytes, seed: int) -> None:
    check(outcome_of_file(content, "x.tsv", random.Random(seed)), repr(content))


def test_every_change_is_tried() -> None:
    tried = Counter(word for number in range(150) for word in changed_file(random.Random(f"0 {number}"))[0].split())
    assert {change.__name__ for change in CHANGES} <= tried.keys()
    assert good_files().keys() <= tried.keys()


# -- what fills memory or time ---------------------------------------------------------------------------


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(50_000_000))
    return out.getvalue()


def _repeated() -> bytes:
    out = io.BytesIO()
    value = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 50_000, pyarrow.int32()), ["x" * 10_000_000])
    parquet.write_table(pyarrow.table({"text": value, "label": [*range(50_000)]}), out)
    return out.getvalue()


LARGE = {
    "one line": lambda: b"a" * MAX_BYTES,
    "one line of fields": lambda: b"a," * (MAX_BYTES // 2),
    "one quote at the start": lambda: b'"' + b"some text, more\n" * (MAX_BYTES // 16),
    "a quote in each line": lambda: b'"\n,' * (MAX_BYTES // 3),
    "quoted lines": lambda: b'"a\nb",c\n' * (MAX_BYTES // 8),
    "empty lines": lambda: b"\n" * MAX_BYTES,
    "short rows": lambda: b"a,b\n" * (MAX_BYTES // 4),
    "spaces": lambda: b" " * MAX_BYTES,
    "tabs": lambda: b"\t" * MAX_BYTES,
    "open brackets": lambda: b"[" * MAX_BYTES,
    "empty objects": lambda: b"[" + b"{}," * (MAX_BYTES // 3),
    "objects within objects": lambda: b'{"a":' * (MAX_BYTES // 5),
    "numbers in an object": lambda: b'{"a": [' + b"10," * (MAX_BYTES // 3 - 9) + b"1]}",
    "bytes of no encoding": lambda: b"\xff\xfd" * (MAX_BYTES // 2),
    "foreign letters": lambda: "é".encode("cp1252") * MAX_BYTES,
    "emoji": lambda: "🎬".encode() * (MAX_BYTES // 4),
    "zeros": lambda: bytes(MAX_BYTES),
    "10,000 columns": lambda: (",".join(f"c{i}" for i in range(10_000)) + "\n").encode() * 100,
    "distinct labels": lambda: "".join(f"text {i},label {i}\n" for i in range(50_000)).encode(),
    "one boilerplate": lambda: "".join(
        f"we thank you for the order that you gave us number {i} {i * 7},{'ab'[i % 2]}\n" for i in range(50_000)
    ).encode(),
    "texts of 400 characters": lambda: "".join(
        " ".join(f"w{(i * j) % 99991}" for j in range(66)) + f",{'ab'[i % 2]}\n" for i in range(50_000)
    ).encode()[:MAX_BYTES],
    "a zip bomb": _archive,
    "a Parquet bomb": _repeated,
    "2 GB of one line": lambda: b"a" * (MAX_BYTES + 1),
}


QUICK = ("one line of fields", "one quote at the start", "objects within objects", "a Parquet bomb", "10,000 columns")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.full]) for name in LARGE]
)
def test_what_is_large_is_read_or_refused_soon_and_memory_comes_back(name: str) -> None:
    outcome_of_file(good_files()["comma.csv"], "x.csv")
    content = LARGE[name]()
    give_back_memory()
    before = psutil.Process().memory_info().rss
    outcome = outcome_of_file(content, f"{name}.csv")
    check(outcome, name)
    give_back_memory()
    assert psutil.Process().memory_info().rss - before < MAX_GROWTH
