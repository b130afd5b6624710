"""Teachers that this lab's host offers: the models in the folder LAB_TEACHERS. Standard library only."""

from __future__ import annotations

import os
from pathlib import Path

from labcore.config.checks import SpecError, shown

OFFERS = "LAB_TEACHERS"
DEPTH = 3  # of a model's folder below it: owner/model/checkpoint
MOST = 200  # folders that are listed
MARKS = ("config.json", "adapter_config.json")


def offered_root() -> Path | None:
    """The folder whose models everyone may use; None if the host names none, or if it is not there."""
    name = os.environ.get(OFFERS)
    if not name:
        return None
    root = Path(os.path.realpath(os.path.expanduser(name)))
    return root if root.is_dir() else None


def offered() -> list[str]:
    """The paths of the models below it, relative to it, in alphabetical order; at most MOST."""
    root = offered_root()
    if root is None:
        return []
    names: list[str] = []
    level = [root]
    for _ in range(DEPTH):
        level = [each for folder in level for each in _folders_in(folder)]
        names += [each.relative_to(root).as_posix() for each in level if any((each / mark).is_file() for mark in MARKS)]
    return sorted(names)[:MOST]


def offered_folder(relative: str) -> Path:
    """The folder of an offered model. Raises SpecError if it is none of `offered`, so no path leads elsewhere."""
    root = offered_root()
    if root is None or relative not in offered():
        raise SpecError(f"{shown(relative)} is no folder of a model below {OFFERS}; choose one that the page lists")
    return root / relative


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))[:MOST]
    except OSError:
        return []
