"""What an earlier version of the lab kept of data sets in files; the database takes it in once.

    HOME/data/<hash>/data.json     its name, label names, sizes and report
    HOME/data/<hash>/owners/       an empty file for each owner who has it in the list; without it, it is nobody's
    HOME/data/removed/<hash>.json  of a removed one its sizes and label names

These files are only read. The examples beside them are used where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, insert

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed
from labcore.data.own.data_hash import is_data_hash
from labcore.data.own.data_summary import columns_of
from labcore.data.own.data_table import NOBODY
from labcore.database.schema import DATA_OWNERS, DATA_SETS
from labcore.owners.owner import is_owner

CONTENT, OWNERS, REMOVED = "data.json", "owners", "removed"
_NOBODY_FILE = "nobody"
BEFORE_IT_WAS_NOTED = "removed by an earlier version"  # when a data set was removed


def has_old_data(data: Path) -> bool:
    """Whether a folder of data sets holds what an earlier version kept."""
    return next((True for folder in _folders(data) if (folder / CONTENT).is_file()), False) or _removed(data) != []


def take_in_old_data(data: Path, connection: Connection) -> None:
    """Put what is known of every data set into the tables, damaged ones too: they are listed with the reason."""
    for folder in _folders(data):
        if (folder / CONTENT).exists():
            row = _row_of(folder.name, folder / CONTENT)
            connection.execute(insert(DATA_SETS), [row])
            owners = [{"data": folder.name, "owner": owner} for owner in _owners_in(folder)]
            connection.execute(insert(DATA_OWNERS), owners)
    there = {folder.name for folder in _folders(data) if (folder / CONTENT).exists()}
    for file in _removed(data):
        if file.stem not in there:
            connection.execute(insert(DATA_SETS), [_row_of(file.stem, file) | {"removed": BEFORE_IT_WAS_NOTED}])


def _row_of(data_hash: str, file: Path) -> dict[str, str | None]:
    """The row of a data set. Of a damaged file the text is kept as it is, so that the reason can be stated."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    try:
        content = parsed(text, "it")
        return {"hash": data_hash, "removed": None, **columns_of(content)}
    except (SpecError, KeyError, TypeError, AttributeError):
        return {"hash": data_hash, "removed": None, "name": data_hash, "created": "", "content": text.replace("\0", "")}


def _owners_in(folder: Path) -> list[str]:
    """In whose lists a folder's data set is."""
    try:
        names = sorted(each.name for each in (folder / OWNERS).iterdir())
    except OSError:
        names = []
    return [NOBODY if name == _NOBODY_FILE else name for name in names if name == _NOBODY_FILE or is_owner(name)] or [
        NOBODY
    ]


def _folders(data: Path) -> Iterator[Path]:
    try:
        yield from sorted(each for each in data.iterdir() if is_data_hash(each.name))
    except OSError:
        return


def _removed(data: Path) -> list[Path]:
    try:
        return sorted(file for file in (data / REMOVED).glob("*.json") if is_data_hash(file.stem))
    except OSError:
        return []
