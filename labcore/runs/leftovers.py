"""Files that nothing refers to: of deleted runs and data sets, and half-made ones of processes that were killed.

The files of an earlier version of the lab stay, and so does all that is younger than an hour or that a process holds.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labcore.data.own import data_store
from labcore.data.own.data_hash import is_data_hash
from labcore.data.own.old_data_folders import CONTENT
from labcore.runs.run_folder import RunFolder
from labcore.runs.store import Store
from labcore.system.hashed_files import FOLDER, unused
from labcore.teacher.own_teachers import ENTRY

YOUNG = 3600.0  # seconds: somebody may be writing it
_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{7}")
# Names that something has until it is written, or while it is removed; the writer of weights has a form of its own.
_HALF_MADE = ("*.part", ".tmp*", ".student.*", ".model-*")
# Where they may be, besides the folders of runs.
_FOLDERS = (
    "",
    FOLDER,
    "exercises",
    "tours",
    "targets",
    "frontier",
    "data",
    "data/removed",
    "data/drafts",
    "teachers",
    "teachers/*",
    "searches",
    "searches/*",
)


@dataclass(frozen=True)
class Leftover:
    """A file or folder that can go. bytes: that this frees."""

    path: Path
    bytes: int
    why: str


def leftovers(store: Store) -> list[Leftover]:
    """What can go under a store's home, by path.

    Raises OSError if the database is missing or can't be read: then nothing is known to refer to anything.
    """
    known, data = store.ids(), data_store.hashes(store.home)
    home = store.home
    items = [*_of_runs(home, known), *_of_teachers(home), *_of_data(home, data), *_half_made(home)]
    going = [file for item in items for file in _files(item.path)]
    hashed = [Leftover(file, file.stat().st_size, "no folder has this file any more") for file in unused(home, going)]
    return sorted([*items, *hashed], key=lambda each: each.path)


def remove(items: Sequence[Leftover]) -> None:
    """Delete them. Raises OSError if the disk refuses one; those before it are gone then."""
    for item in items:
        if item.path.is_dir() and not item.path.is_symlink():
            shutil.rmtree(item.path)
        else:
            item.path.unlink(missing_ok=True)


def _of_runs(home: Path, known: frozenset[str]) -> Iterator[Leftover]:
    for folder in (home / "runs").glob("*"):
        run = RunFolder(folder)
        if not _RUN_ID.fullmatch(folder.name) or not run.exists() or ((folder / "lock").exists() and run.held()):
            continue
        if folder.name not in known:
            if _old_enough(folder) and not (folder / "spec.json").exists():
                yield Leftover(folder, _size(folder), "no run needs it any more")
            continue
        for pattern in _HALF_MADE:
            for path in filter(_old_enough, folder.glob(pattern)):
                yield Leftover(path, _size(path), "its writing was cut off")


def _of_teachers(home: Path) -> Iterator[Leftover]:
    for folder in filter(_old_enough, (home / "teachers").glob("[!.]*")):
        if folder.is_dir() and not (folder / ENTRY).exists():
            yield Leftover(folder, _size(folder), "its teacher was never ready, or is gone")


def _of_data(home: Path, known: frozenset[str]) -> Iterator[Leftover]:
    """Examples of data sets that were removed, or whose keeping was cut off."""
    for folder in filter(_old_enough, (home / "data").glob("*")):
        if is_data_hash(folder.name) and folder.name not in known and not (folder / CONTENT).exists():
            yield Leftover(folder, _size(folder), "no data set needs it any more")


def _half_made(home: Path) -> Iterator[Leftover]:
    for place in _FOLDERS:
        for pattern in _HALF_MADE:
            for path in filter(_old_enough, home.glob(f"{place}/{pattern}".removeprefix("/"))):
                yield Leftover(path, _size(path), "its writing was cut off")


def _old_enough(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > YOUNG


def _size(path: Path) -> int:
    """What its removal frees: bytes of files that have no other link."""
    return sum(stat.st_size for stat in map(Path.lstat, _files(path)) if stat.st_nlink == 1)


def _files(path: Path) -> list[Path]:
    return [file for file in (path.rglob("*") if path.is_dir() else [path]) if not file.is_dir()]
