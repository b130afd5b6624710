"""What a teacher is, beyond its name: a hash of all the files that decide what it answers.

A folder's weights may be replaced while its name stays. Whatever is kept of a teacher (its predictions, students derived
from it, counts, finished runs) is known by this hash, never by the name. Needs the standard library only, for a page
looks it up before torch is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from labcore.teacher.base_model import BASE_SHA256, WEIGHTS
from labcore.teacher.built_in import TEACHERS, WITHOUT_WEIGHTS

# Of a folder: the config, the weights, the tokenizer, an adapter, and a saved student's shapes.
FILES = ("*.json", "*.safetensors", "vocab.*", "*.model", "merges.txt")


def identity_of(name: str, *, fetch: bool = True) -> str:
    """SHA-256 (hex) of the teacher called `name`: of its files for one with weights, of its sizes for one without.

    fetch: whether a model of the hub that is not on this machine may be downloaded for it.

    Raises labcore.teacher.location.TeacherError if the name leads to no folder.
    """
    if name in WITHOUT_WEIGHTS:
        return hashlib.sha256(repr(WITHOUT_WEIGHTS[name]).encode()).hexdigest()
    if name in TEACHERS:
        return of_files((WEIGHTS / name).glob("adapter_*"), BASE_SHA256)
    from labcore.teacher.location import adapted_from, folder_of  # imports the hub's client, which takes a while

    folder = folder_of(name, fetch=fetch)
    base = adapted_from(folder)
    return of_files(_files_of(folder), *([of_files(_files_of(folder_of(base, fetch=fetch)))] if base else []))


def known_identity(name: str) -> str | None:
    """The same; None if there is no such teacher on this machine now, as of a run whose teacher's folder was moved."""
    try:
        return identity_of(name, fetch=False)
    except (ValueError, OSError):  # TeacherError is a ValueError
        return None


def _files_of(folder: Path) -> set[Path]:
    return {file for pattern in FILES for file in folder.glob(pattern)}


def of_files(files: Iterable[Path], *more: str) -> str:
    """SHA-256 (hex) of the names and contents of these files, in the order of their names."""
    digest = hashlib.sha256("\n".join(more).encode())
    for file in sorted(files):
        state = file.stat()
        digest.update(
            f"{file.name} {_content(file, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)}\n".encode()
        )
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _content(file: Path, size: int, modified: int, changed: int, inode: int) -> str:
    """SHA-256 (hex) of a file, read again once its size, times or inode are others."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
