"""The examples of data sets as files: a folder for each, which appears whole or not at all. Standard library only.

HOME/data/<hash>/rows.jsonl    every example, one a line, see DataSet.lines
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from labcore.config.json_data import parsed
from labcore.data.examples import SPLITS, Examples, Split
from labcore.data.own.data_summary import DataSummary
from labcore.data.own.limits import MAX_ROWS
from labcore.system.files import place_folder, remove_folder
from labcore.system.writable import check_folder

ROWS = "rows.jsonl"


def place_rows(folder: Path, lines: str) -> bool:
    """Write the examples of a data set, unless just these are there; whether they were written. Raises OSError."""
    with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        if (folder / ROWS).read_text(encoding="utf-8") == lines:
            return False
    check_folder(folder.parent)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(folder)
    try:
        beside.mkdir()
        (beside / ROWS).write_text(lines, encoding="utf-8", newline="")
        if folder.exists():  # damaged
            remove_folder(folder)
        try:
            place_folder(beside, folder)
        except OSError:
            if not (folder / ROWS).is_file():  # else another process was first, with the same content
                raise
            return False
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return True


def read_rows(folder: Path, known: DataSummary) -> dict[Split, Examples]:
    """The examples of a data set. Raises OSError, SpecError, KeyError, TypeError or ValueError if they are damaged."""
    groups: dict[Split, list[tuple[str, int, str]]] = {split: [] for split in SPLITS}
    with (folder / ROWS).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            split, label, text, *second = parsed(line, f"line {number + 1}")
            if number >= MAX_ROWS or len(second) != known.pairs or not 0 <= label < known.classes:
                raise ValueError(f"line {number + 1}")
            groups[split].append((text, label, second[0] if second else ""))
    return {
        split: Examples(
            tuple(str(row[0]) for row in rows),
            tuple(int(row[1]) for row in rows),
            tuple(str(row[2]) for row in rows) if known.pairs else None,
        )
        for split, rows in groups.items()
    }


def _beside(folder: Path) -> Path:
    return folder.parent / f".{folder.name}-{secrets.token_hex(4)}.part"
