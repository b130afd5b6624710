"""What a file is by its content; its name may be wrong. Standard library only."""

from __future__ import annotations

import io
import zipfile

from labcore.data.own.limits import DataError

# The first bytes of files that are no table of text, and what such a file is.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.xls or .doc)"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    *((b"\x80" + bytes([version]), "a Python pickle, which the lab never opens") for version in (2, 3, 4, 5)),
)
MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)
ALLOWED = "give a CSV, TSV, JSONL or Parquet file"


def is_parquet(content: bytes) -> bool:
    """Whether a file begins as a Parquet file does."""
    return content.startswith(b"PAR1")


def check_kind(content: bytes) -> None:
    """Raise DataError, which names what the file is, if its first bytes are those of no table."""
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        raise DataError(f"the file is {_zip_kind(content)}; {_advice(content)}")
    for start, kind in SIGNATURES:
        if content.startswith(start):
            raise DataError(f"the file is {kind}; {ALLOWED}")
    head = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, kind in MARKUP:
        if head.startswith(start):
            raise DataError(f"the file is {kind}; {ALLOWED}")


def _names_in_zip(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except Exception:  # a damaged archive is still an archive
        return []


def _zip_kind(content: bytes) -> str:
    names = _names_in_zip(content)
    for start, kind in (
        ("xl/", "an Excel workbook (.xlsx)"),
        ("word/", "a Word document (.docx)"),
        ("ppt/", "a PowerPoint presentation"),
    ):
        if any(name.startswith(start) for name in names):
            return kind
    if any(name.endswith("data.pkl") for name in names):
        return "a file of PyTorch weights"
    if "mimetype" in names and "content.xml" in names:
        return "an OpenDocument file (.ods or .odt)"
    return "a zip archive"


def _advice(content: bytes) -> str:
    if _zip_kind(content) in ("an Excel workbook (.xlsx)", "an OpenDocument file (.ods or .odt)"):
        return "save its sheet as CSV, and give that file"
    return f"unpack it, and {ALLOWED}"
