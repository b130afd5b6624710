"""Good files of labelled examples, other files that people take for one, and changes of their bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from labcore.data.tasks.movie_reviews import read_reviews

ROWS = 240
SCRIPTS = (
    "Ein schöner Film, größer als erwartet",
    "Очень хороший фильм",
    "とても良い映画です",
    "فيلم جيد جدا",
    "🎬 good",
)
ENDINGS = ("csv", "tsv", "jsonl", "json", "parquet", "txt", "zip", "xlsx", "", "csv.gz")


@cache
def good_files() -> dict[str, bytes]:
    """Real files in the formats that the lab reads, by name."""
    rows = [(text, ("negative", "positive")[label]) for text, label in read_reviews("rotten_tomatoes")[::35][:ROWS]]
    rows = [*rows, *((f"{text} {i}", "positive") for i in range(8) for text in SCRIPTS)]
    latin = [(text, label) for text, label in rows if _fits(text, "cp1252")]
    objects = [{"text": text, "label": label, "n": i, "more": [i, None]} for i, (text, label) in enumerate(rows)]
    quoted = [(f'He said "{text}"\nand left, again', label) for text, label in rows]
    return {
        "comma.csv": _csv(rows, ","),
        "quoted.csv": _csv(quoted, ","),
        "mark.csv": b"\xef\xbb\xbf" + _csv(rows, ","),
        "semicolon.csv": _csv(latin, ";", "cp1252"),
        "tab.tsv": _csv(rows, "\t"),
        "wide.csv": _csv(rows, "\t", "utf-16"),
        "plain.csv": _csv(rows, "|", header=False),
        "lines.jsonl": "".join(f"{json.dumps(each)}\n" for each in objects).encode(),
        "array.json": json.dumps(objects, ensure_ascii=False, indent=1).encode(),
        "table.parquet": _parquet(rows, "snappy"),
        "packed.parquet": _parquet(rows, "zstd"),
    }


@cache
def other_files() -> dict[str, bytes]:
    """Files that are no table of examples, by name."""
    content = good_files()["comma.csv"]
    archive, workbook = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("comma.csv", content)
    with zipfile.ZipFile(workbook, "w") as file:
        file.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    draw = random.Random(0)
    return {
        "archive.zip": archive.getvalue(),
        "workbook.xlsx": workbook.getvalue(),
        "comma.csv.gz": gzip.compress(content, mtime=0),
        "rows.pkl": pickle.dumps([["a", "b"]]),
        "page.html": b"<!DOCTYPE html><html><body><table><tr><td>a</td></tr></table></body></html>",
        "paper.pdf": b"%PDF-1.7\n" + draw.randbytes(500),
        "picture.png": b"\x89PNG\r\n\x1a\n" + draw.randbytes(500),
        "noise.bin": draw.randbytes(5000),
        "zeros.csv": bytes(5000),
        "code.py": Path(__file__).read_bytes(),
        "empty.csv": b"",
        "object.json": json.dumps({"text": ["a", "b"], "label": ["c", "d"]}).encode(),
    }


def _csv(rows: list[tuple[str, str]], delimiter: str, encoding: str = "utf-8", *, header: bool = True) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([("text", "label"), *rows] if header else rows)
    return out.getvalue().encode(encoding)


def _parquet(rows: list[tuple[str, str]], compression: str) -> bytes:
    import pyarrow
    from pyarrow import parquet

    out = io.BytesIO()
    columns = {"text": [text for text, _ in rows], "label": [label for _, label in rows], "n": [*range(len(rows))]}
    parquet.write_table(pyarrow.table(columns), out, compression=compression)
    return out.getvalue()


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


# -- changes: each takes bytes, and returns others -----------------------------------------------------


def flipped(content: bytes, draw: random.Random) -> bytes:
    """Some bits changed."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 3, 30)) if changed else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def truncated(content: bytes, draw: random.Random) -> bytes:
    """The beginning only, or the end only."""
    at = draw.randrange(len(content) + 1)
    return content[:at] if draw.random() < 0.7 else content[at:]


def spliced(content: bytes, draw: random.Random) -> bytes:
    """A part of another file in the middle, or behind."""
    other = draw.choice([*good_files().values(), *other_files().values()])
    start = draw.randrange(len(other) + 1)
    part = other[start : start + draw.randrange(2000)]
    at = draw.randrange(len(content) + 1) if draw.random() < 0.7 else len(content)
    return content[:at] + part + content[at:]


def doubled(content: bytes, draw: random.Random) -> bytes:
    """A part many times."""
    start = draw.randrange(len(content) + 1)
    part = content[start : start + draw.randrange(1, 300)]
    return content[:start] + part * draw.choice((2, 50, 2000)) + content[start:]


def without_part(content: bytes, draw: random.Random) -> bytes:
    """A hole."""
    start = draw.randrange(len(content) + 1)
    return content[:start] + content[start + draw.randrange(500) :]


def put_in(content: bytes, draw: random.Random) -> bytes:
    """Signs with a meaning, at some places."""
    signs = (b'"', b"'", b"\0", b"\r", b"\n", b",", b";", b"\t", b"\\", b"{", b"[", b"]", b"\xff", b"\xef\xbb\xbf",
             b"=cmd|' /C calc'!A0", b"<script>alert(1)</script>", b"[x](javascript:y)", b"\xe2\x80\xae", b"NaN",
             b"\x1a", b"\xed\xa0\x80", b"\\ud800", b"1e999", b"\xc0\xaf", b"../../etc/passwd")  # fmt: skip
    for _ in range(draw.choice((1, 5, 60))):
        at = draw.randrange(len(content) + 1)
        content = content[:at] + draw.choice(signs) + content[at:]
    return content


def other_encoding(content: bytes, draw: random.Random) -> bytes:
    """The same text, or its second half, in another encoding."""
    text = content.decode("utf-8", "replace")
    at = draw.choice((0, len(text) // 2))
    encoding = draw.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "shift_jis", "gb18030", "utf-8-sig"))
    return text[:at].encode() + text[at:].encode(encoding, "replace")


def unchanged(content: bytes, draw: random.Random) -> bytes:
    """The same; only its name changes."""
    return content


Change = Callable[[bytes, random.Random], bytes]
CHANGES: tuple[Change, ...] = (
    flipped, truncated, spliced, doubled, without_part, put_in, put_in, other_encoding, unchanged,
)  # fmt: skip


def changed_file(draw: random.Random) -> tuple[str, str, bytes]:
    """A file after one or two changes: what was changed, its name, its content."""
    files = good_files() if draw.random() < 0.85 else other_files()
    name = draw.choice(sorted(files))
    content, words = files[name], [name]
    for change in draw.sample(CHANGES, draw.choice((1, 1, 2))):
        content = change(content, draw)
        words.append(change.__name__)
    if draw.random() < 0.3:
        name = f"{name.split('.')[0]}.{draw.choice(ENDINGS)}"
    return " ".join(words), name, content
