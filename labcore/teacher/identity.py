"""A teacher's identity beyond its name: a hash of all the files that decide its predictions.

A folder's weights may change while its name stays. So this hash, never the name, is the key to all that the lab keeps
of a teacher: predictions, derived students, counts, finished runs. Standard library only: pages need it without torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from labcore.teacher.base_model import BASE_SHA256, WEIGHTS
from labcore.teacher.built_in import TEACHERS, WITHOUT_WEIGHTS
from labcore.teacher.own_teachers import entry_of, is_own

# In a folder: the config, the weights, the tokenizer, an adapter, and a saved student's shapes.
FILES = ("*.json", "*.safetensors", "vocab.*", "*.model", "merges.txt")


def identity_of(name: str, *, fetch: bool = True) -> str:
    """SHA-256 (hex) of the teacher called `name`: of its files if it has weights, of its sizes otherwise.

    The order that somebody confirmed for its labels is part of it.

    fetch: whether to download a model of the hub that is not on this machine.
    Raises labcore.teacher.location.TeacherError if the name leads to no folder.
    """
    if name in WITHOUT_WEIGHTS:
        return hashlib.sha256(repr(WITHOUT_WEIGHTS[name]).encode()).hexdigest()
    if name in TEACHERS:
        return of_files((WEIGHTS / name).glob("adapter_*"), BASE_SHA256)
    from labcore.teacher.location import adapted_from, folder_of  # imports the hub's client, which takes a while

    folder = folder_of(name, fetch=fetch)
    base, entry = adapted_from(folder), entry_of(name) if is_own(name) else None
    more = [of_files(_files_of(folder_of(base, fetch=fetch)))] if base else []
    if entry is not None and entry.order is not None:
        more.append(repr((entry.task, entry.order)))
    return of_files(_files_of(folder), *more)


def known_identity(name: str) -> str | None:
    """The same; None if no such teacher is on this machine now, perhaps because its folder was moved."""
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
        content = _content(file, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
        digest.update(f"{file.name} {content}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _content(file: Path, size: int, modified: int, changed: int, inode: int) -> str:
    """SHA-256 (hex) of a file, computed again if its size, times or inode change."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
