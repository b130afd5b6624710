"""In whose lists a data set is: an empty file for each owner in its folder, so that two can come and go at once.

Equal data of two people are one folder. A folder without such files is nobody's: it came by the command line, or from
an earlier version. Standard library only.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from labcore.owners.owner import is_owner

OWNERS, NOBODY = "owners", "nobody"


def owners_in(folder: Path) -> frozenset[str | None]:
    """The owners of a data set's folder; None among them is nobody, so the host."""
    try:
        names = [each.name for each in (folder / OWNERS).iterdir()]
    except OSError:
        names = []
    return frozenset(
        None if name == NOBODY else name for name in names if name == NOBODY or is_owner(name)
    ) or frozenset({None})


def add_owner(folder: Path, owner: str | None, *, new: bool = False) -> None:
    """Put a data set into an owner's list too. new: whether nobody has it yet. Raises OSError."""
    marks = folder / OWNERS
    if not marks.is_dir():
        if owner is None:
            return  # it is nobody's
        with suppress(FileExistsError):
            marks.mkdir()
        if not new:
            (marks / NOBODY).touch()
    (marks / (owner or NOBODY)).touch()


def take_owner(folder: Path, owner: str) -> bool:
    """Take a data set out of an owner's list; whether it is still in somebody's. Raises OSError."""
    others = owners_in(folder) - {owner}
    if others:
        (folder / OWNERS / owner).unlink(missing_ok=True)
    return bool(others)
