"""A sample of `count_parameters`: the files that a student has, written to a folder to be graded there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wrong:
    """A file `mine.py` with a mistake, and the cases that were made to catch it: each of them must."""

    name: str
    code: str
    cases: tuple[str, ...]

    def written(self, folder: Path) -> Path:
        """Write the file into a folder; returns its path."""
        return _write(folder, {"mine.py": self.code})


@dataclass(frozen=True)
class Right:
    """Files by their names, the first with a right `count_parameters`, the others what it needs beside it."""

    name: str
    files: dict[str, str]

    def written(self, folder: Path) -> Path:
        """Write the files into a folder; returns the path of the first."""
        return _write(folder, self.files)


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text.lstrip("\n"), encoding="utf-8")
    return folder / next(iter(files))
