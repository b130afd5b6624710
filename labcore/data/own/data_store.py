"""Your data sets on disk, each in a folder that its hash names. Standard library only.

    HOME/data/<hash>/data.json     its name, label names, sizes and report, see labcore.data.own.data_summary
    HOME/data/<hash>/rows.jsonl    every example, one a line, see DataSet.lines
    HOME/data/<hash>/owners/       an empty file for each owner who has it in the list; without it, it is nobody's
    HOME/data/removed/<hash>.json  of a removed one its sizes and label names, with which its runs are still shown

A folder appears whole or not at all, and its content is checked against its hash when it is read.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import replace as replace_field
from pathlib import Path

from labcore.config.checks import SpecError, shown
from labcore.config.json_data import parsed, read_json
from labcore.data.examples import SPLITS, Examples, Split
from labcore.data.own.data_owners import add_owner, owners_in, take_owner
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_set import HASH_CHARACTERS, TASK_PREFIX, DataSet, clean_name
from labcore.data.own.data_summary import DataSummary, content_left, content_of, summary_from
from labcore.data.own.limits import MAX_ROWS, DataError
from labcore.system.files import place_folder, remove_folder, write_whole
from labcore.system.home import default_home
from labcore.system.writable import check_folder

_HASH = re.compile(rf"[0-9a-f]{{{HASH_CHARACTERS}}}")
_AGAIN = "remove it, and bring the file again"


def save(
    data_set: DataSet, report: DataReport | None = None, home: Path | None = None, owner: str | None = None
) -> DataSummary:
    """Keep a data set, and return what is kept. One that is there already keeps its name, its date and its report.

    owner: in whose list it is then, beside those in whose it is. Raises OSError if it can't be written.
    """
    folder = _folder(data_set.hash, home)
    try:
        summary(data_set.hash, home)
        add_owner(folder, owner)
        return summary(data_set.hash, home)
    except DataError:
        if folder.exists():
            _check_readable(folder)
            remove_folder(folder)
    check_folder(folder.parent)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.parent / f".{data_set.hash}-{secrets.token_hex(4)}.part"
    try:
        beside.mkdir()
        (beside / "rows.jsonl").write_text("".join(data_set.lines()), encoding="utf-8")
        content = content_of(data_set, report)
        (beside / "data.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
        add_owner(beside, owner, new=True)
        try:
            place_folder(beside, folder)
        except OSError:
            if not (folder / "data.json").is_file():  # else another process was first, with the same content
                raise
            add_owner(folder, owner)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return summary(data_set.hash, home)


def load(data_hash: str, home: Path | None = None) -> DataSet:
    """The data set with this hash. Raises DataError if it is not on this machine, or damaged."""
    known = summary(data_hash, home)
    splits = _examples(_folder(data_hash, home) / "rows.jsonl", data_hash, known)
    made = DataSet(
        name=known.name,
        label_names=known.label_names,
        splits=splits,
        max_tokens=known.max_tokens,
        mean_tokens=known.mean_tokens,
        cue=known.cue,
    )
    if made.hash != data_hash:
        raise DataError(f"data set {data_hash} is damaged (its examples have another hash); {_AGAIN}")
    return made


def summary(data_hash: str, home: Path | None = None) -> DataSummary:
    """What is known of a data set without its examples. Raises DataError if it is not on this machine, or damaged."""
    folder = _folder(data_hash, home)
    if not folder.is_dir():
        raise DataError(
            f"data set {data_hash} is not on this machine; bring its file on the page Data or with "
            "`python -m labcore data add FILE`, or choose another task"
        )
    try:
        known = summary_from(data_hash, read_json(folder / "data.json", _AGAIN))
        return replace_field(known, owners=owners_in(folder))
    except (SpecError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"data set {data_hash} is damaged ({shown(f'{error}')[1:-1]}); {_AGAIN}") from None


def all_data_sets(home: Path | None = None) -> list[DataSummary]:
    """Every data set of the home, the newest first; damaged ones, with the reason, last."""
    folder = (home or default_home()) / "data"
    try:
        names = [each.name for each in folder.iterdir() if _HASH.fullmatch(each.name)]
    except OSError:  # nothing was kept yet
        return []
    good, damaged = [], []
    for name in sorted(names):
        try:
            good.append(summary(name, home))
        except DataError as error:
            owners = owners_in(folder / name)
            damaged.append(DataSummary(hash=name, name=name, damaged=f"{error}", owners=owners))
    return [*sorted(good, key=lambda each: each.created, reverse=True), *damaged]


def rename(data_hash: str, name: str, home: Path | None = None) -> None:
    """Give a data set another name. Raises DataError if it is not here or the name not allowed, and OSError."""
    new = clean_name(name)
    if summary(data_hash, home).name == new:
        return
    path = _folder(data_hash, home) / "data.json"
    write_whole(path, json.dumps(read_json(path, _AGAIN) | {"name": new}, indent=1))


def give_up(data_hash: str, owner: str, home: Path | None = None) -> None:
    """Take a data set out of this owner's list; if it is in nobody else's then, `remove` it.

    Raises DataError if it is not here, and OSError if it can't be removed.
    """
    if not take_owner(_folder(data_hash, home), owner):
        remove(data_hash, home)


def remove(data_hash: str, home: Path | None = None) -> None:
    """Remove a data set, also a damaged one, from everybody's list. Of its texts and its name nothing stays.

    Raises DataError if it is not here, and OSError if it can't be removed.
    """
    folder = _folder(data_hash, home)
    if not folder.is_dir():
        summary(data_hash, home)  # raises
    _check_readable(folder)
    with suppress(DataError):
        left = content_left(summary(data_hash, home))
        _removed(data_hash, home).parent.mkdir(exist_ok=True)
        write_whole(_removed(data_hash, home), json.dumps(left))
    remove_folder(folder)


def summary_or_rest(data_hash: str, home: Path | None = None) -> DataSummary:
    """The summary of a data set; of one that was removed, its sizes and label names. Raises DataError if neither."""
    try:
        return summary(data_hash, home)
    except DataError:
        path = _removed(data_hash, home)
        with suppress(SpecError, KeyError, TypeError, ValueError):
            return summary_from(data_hash, read_json(path, _AGAIN))
        raise


def hash_in(task: str) -> str | None:
    """The hash of the data set that a task names, as in "data:0123456789abcdef"; None if it names none of these.

    Raises DataError if it begins so, and no hash follows.
    """
    if not is_own_data(task):
        return None
    data_hash = task.removeprefix(TASK_PREFIX)
    _check_hash(data_hash)
    return data_hash


def is_own_data(task: str) -> bool:
    """Whether a task's name is one of a data set, here or elsewhere."""
    return task.startswith(TASK_PREFIX)


def _check_hash(data_hash: str) -> None:
    """Raise DataError unless it is a hash, before it becomes part of a path."""
    if not isinstance(data_hash, str) or not _HASH.fullmatch(data_hash):
        raise DataError(
            f"the hash of a data set is {shown(data_hash)}; give its {HASH_CHARACTERS} characters from 0-9 and a-f"
        )


def _folder(data_hash: str, home: Path | None) -> Path:
    _check_hash(data_hash)
    return (home or default_home()) / "data" / data_hash


def _removed(data_hash: str, home: Path | None) -> Path:
    return _folder(data_hash, home).parent / "removed" / f"{data_hash}.json"


def _check_readable(folder: Path) -> None:
    """Raise OSError if a data set can't be read for another reason than damage, as with too many open files."""
    with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
        (folder / "data.json").read_bytes()


def _examples(path: Path, data_hash: str, known: DataSummary) -> dict[Split, Examples]:
    """The examples in rows.jsonl. Raises DataError if the file is damaged."""
    groups: dict[Split, list[tuple[str, int, str]]] = {split: [] for split in SPLITS}
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                split, label, text, *second = parsed(line, f"line {number + 1}", _AGAIN)
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
    except (OSError, SpecError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"data set {data_hash} is damaged ({shown(f'{error}')[1:-1]}); {_AGAIN}") from None
