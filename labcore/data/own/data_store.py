"""Your data sets: what is known of them is in the database, and their examples are files.

The files are written before the row, and go after it. So a row has its examples, unless they are in another home of
the same database.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.config.checks import SpecError, shown
from labcore.data.own.data_hash import check_hash
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_rows import place_rows, read_rows
from labcore.data.own.data_set import TASK_PREFIX, DataSet, clean_name
from labcore.data.own.data_summary import DataRow, DataSummary, columns_of, content_left, content_of, summary_of
from labcore.data.own.limits import DataError
from labcore.system.faults import sentence
from labcore.system.files import remove_folder
from labcore.system.home import default_home

if TYPE_CHECKING:
    from labcore.data.own.data_table import DataTable


class DataOutOfReach(DataError):
    """What is known of data sets can't be read now: their database is away."""


def save(
    data_set: DataSet, report: DataReport | None = None, home: Path | None = None, owner: str | None = None
) -> DataSummary:
    """Keep a data set, and return what is kept. One that is there already keeps its name, its date and its report.

    owner: in whose list it is then, beside those in whose it is. Raises OSError if it can't be written.
    """
    table, folder = _table(home), _folder(data_set.hash, home)
    row = table.read(data_set.hash)
    placed = place_rows(folder, "".join(data_set.lines()))
    try:
        if not (_is_good(row) and table.add_owner(data_set.hash, owner)):
            table.keep(data_set.hash, columns_of(content_of(data_set, report)), owner, over=row)
    except BaseException:
        if placed:
            with suppress(OSError):  # else it is not known whether another process has kept it
                if not _is_good(table.read(data_set.hash)):
                    remove_folder(folder)
        raise
    return summary(data_set.hash, home)


def load(data_hash: str, home: Path | None = None) -> DataSet:
    """The data set with this hash. Raises DataError if it is not on this machine, or damaged."""
    known = summary(data_hash, home)
    check_rows(data_hash, home)
    try:
        splits = read_rows(_folder(data_hash, home), known)
    except (OSError, SpecError, KeyError, TypeError, ValueError) as error:
        raise _damaged(data_hash, error) from None
    made = DataSet(
        name=known.name,
        label_names=known.label_names,
        splits=splits,
        max_tokens=known.max_tokens,
        mean_tokens=known.mean_tokens,
        cue=known.cue,
    )
    if made.hash != data_hash:
        raise _damaged(data_hash, "its examples have another hash")
    return made


def summary(data_hash: str, home: Path | None = None) -> DataSummary:
    """What is known of a data set without its examples.

    Raises DataError if it is not on this machine, or damaged, and DataOutOfReach if that can't be read now.
    """
    row = _row(data_hash, home)
    if row is None or row.removed:
        raise DataError(
            f"data set {data_hash} is not on this machine; bring its file on the page Data or with "
            "`python -m labcore data add FILE`, or choose another task"
        )
    return _summary_in(row)


def check_rows(data_hash: str, home: Path | None = None) -> None:
    """Raise DataError if a data set's examples are in another home of this database only."""
    if not _folder(data_hash, home).is_dir():
        raise DataError(
            f"the examples of data set {data_hash} are not on this machine; bring its file here too, on the page Data "
            "or with `python -m labcore data add FILE`, or choose another task"
        )


def all_data_sets(home: Path | None = None) -> list[DataSummary]:
    """Every data set of the home, the newest first; those that can't be used, with the reason, last."""
    good, damaged = [], []
    try:
        rows = _table(home).all()
    except OSError:  # the page shows what is wrong with the home
        return []
    for row in rows:
        try:
            check_rows(row.hash, home)
            good.append(_summary_in(row))
        except DataError as error:
            damaged.append(DataSummary(hash=row.hash, name=row.hash, damaged=f"{error}", owners=row.owners))
    return [*good, *sorted(damaged, key=lambda each: each.hash)]


def hashes(home: Path) -> frozenset[str]:
    """The hashes of all data sets that are not removed. Raises OSError if the database can't be read."""
    return frozenset(row.hash for row in _table(home).all())


def rename(data_hash: str, name: str, home: Path | None = None) -> None:
    """Give a data set another name. Raises DataError if it is not here or the name not allowed, and OSError."""
    new = clean_name(name)
    if summary(data_hash, home).name != new:
        _table(home).rename(data_hash, new)


def give_up(data_hash: str, owner: str, home: Path | None = None) -> None:
    """Take a data set out of this owner's list; if it is in nobody else's then, `remove` it.

    Raises DataError if it is not here, and OSError if it can't be removed.
    """
    check_hash(data_hash)
    if not _table(home).take_owner(data_hash, owner):
        remove(data_hash, home)


def remove(data_hash: str, home: Path | None = None) -> None:
    """Remove a data set, also a damaged one, from everybody's list. Of its texts and its name nothing stays.

    Raises DataError if it is not here, and OSError if it can't be removed.
    """
    row, folder = _row(data_hash, home), _folder(data_hash, home)
    if row is None or row.removed:
        if not folder.is_dir():
            summary(data_hash, home)  # raises
    else:
        _table(home).remove(data_hash, columns_of(content_left(_summary_in(row))) if _is_good(row) else None)
    if folder.is_dir():
        remove_folder(folder)


def summary_or_rest(data_hash: str, home: Path | None = None) -> DataSummary:
    """The summary of a data set; of one that was removed, its sizes and label names. Raises DataError if neither."""
    row = _row(data_hash, home)
    return summary(data_hash, home) if row is None else _summary_in(row)


def hash_in(task: str) -> str | None:
    """The hash of the data set that a task names, as in "data:0123456789abcdef"; None if it names none of these.

    Raises DataError if it begins so, and no hash follows.
    """
    if not is_own_data(task):
        return None
    data_hash = task.removeprefix(TASK_PREFIX)
    check_hash(data_hash)
    return data_hash


def is_own_data(task: str) -> bool:
    """Whether a task's name is one of a data set, here or elsewhere."""
    return task.startswith(TASK_PREFIX)


def _table(home: Path | None) -> DataTable:
    from labcore.data.own.data_table import DataTable  # import SQLAlchemy, which the lab's own tasks do without
    from labcore.runs.home_database import shared_database

    return DataTable(shared_database(home or default_home()))


def _row(data_hash: str, home: Path | None) -> DataRow | None:
    """The row of a data set, None if there never was one. Raises DataError if it can't be read, or is no hash."""
    check_hash(data_hash)
    try:
        return _table(home).read(data_hash)
    except OSError as error:
        raise DataOutOfReach(
            f"data set {data_hash} can't be read now: {sentence(error, home or default_home())}"
        ) from None


def _summary_in(row: DataRow) -> DataSummary:
    """The summary in a row. Raises DataError if it is damaged."""
    try:
        return summary_of(row)
    except (SpecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(row.hash, error) from None


def _damaged(data_hash: str, why: object) -> DataError:
    return DataError(f"data set {data_hash} is damaged ({shown(f'{why}')[1:-1]}); remove it, and bring the file again")


def _is_good(row: DataRow | None) -> bool:
    """Whether a row is that of a data set which was neither removed nor damaged."""
    if row is None or row.removed:
        return False
    try:
        return bool(_summary_in(row))
    except DataError:
        return False


def _folder(data_hash: str, home: Path | None) -> Path:
    check_hash(data_hash)
    return (home or default_home()) / "data" / data_hash
