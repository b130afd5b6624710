"""Large files of a home under the SHA-256 of their content, so that equal ones take their space once.

    HOME/files/<sha256>    weights, tokenizers, logits

A file stays in the folder that it belongs to, as a hard link. So each folder is complete, and can be copied and read
without anything else. What has no other link is referred to by nobody, and can go. A file system without hard links
keeps each file in its own folder.

The files of a folder are never changed in place: a new one replaces them, see labcore.system.files.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from labcore.system.files import replace

FOLDER = "files"
SMALLEST = 4096  # bytes: a smaller file takes a block of the disk all the same
_HASH = re.compile(r"[0-9a-f]{64}")


def share(home: Path, path: Path) -> None:
    """Keep a file of a home, or each file in a folder, once. What the disk does not link stays as it is."""
    with suppress(OSError):  # of a folder that can't be listed
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            with suppress(OSError):  # of one file
                if file.is_file() and not file.is_symlink() and file.stat().st_size >= SMALLEST:
                    _share(home / FOLDER, file)


def _share(folder: Path, file: Path) -> None:
    """Link a file with its hash: the first of its content gives the file, and each other one takes it."""
    with file.open("rb") as content:
        hashed = folder / hashlib.file_digest(content, "sha256").hexdigest()
    folder.mkdir(exist_ok=True)
    with suppress(FileExistsError):
        os.link(file, hashed)
        return
    if not filecmp.cmp(file, hashed, shallow=False):  # the disk has damaged it since
        _replace(hashed, file, folder)
    elif not hashed.samefile(file):
        _replace(file, hashed, folder)


def _replace(target: Path, source: Path, folder: Path) -> None:
    """Put a link to `source` in the place of `target`, as one step."""
    beside = folder / f".{secrets.token_hex(8)}.part"
    os.link(source, beside)
    try:
        replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def unused(home: Path, going: Iterable[Path] = ()) -> list[Path]:
    """The hashed files that nothing refers to, or nothing but these files that go. Raises OSError."""
    if not (home / FOLDER).is_dir():
        return []
    links = Counter(file.lstat().st_ino for file in going)
    free = []
    for file in (home / FOLDER).iterdir():
        with suppress(FileNotFoundError):  # another process removes it
            stat = file.stat()
            if _HASH.fullmatch(file.name) and stat.st_nlink - links[stat.st_ino] <= 1:
                free.append(file)
    return free


def remove_unused(home: Path) -> None:
    """Delete the hashed files that nothing refers to, and what a killed process left, as far as the disk allows it.

    Somebody may link one at that moment. Then the link keeps the content, and only the hash is lost.
    """
    with suppress(OSError):
        for part in (home / FOLDER).glob(".*.part"):
            with suppress(OSError):
                part.unlink()
        for file in unused(home):
            with suppress(OSError):
                file.unlink()
