"""A home as an earlier version of the lab left it: attempts, journals and data sets in files."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from labcore.data.own.data_set import DataSet
from labcore.data.own.data_summary import DataRow, columns_of, content_left, content_of, summary_of
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.signature import attempt_fields, key_of_home, mark_of, sign
from labcore.guide.tour.journal import Journal
from tests.shared.own_data import made, some

ANN, BOB = "a" * 16, "b" * 16


@dataclass(frozen=True)
class OldEntries:
    """What the files hold: a signed attempt, an unsigned one, a journal, and data sets. both: in two lists."""

    signed: Attempt
    unsigned: Attempt
    journal: Journal
    both: DataSet
    nobodys: DataSet
    removed: DataSet


def write_old_entries(home: Path) -> OldEntries:
    """Write them, and damaged ones: an attempt, and a data set with the hash `dddddddddddddddd`."""
    attempt = Attempt(new_id(), name="Ann", reason="because of \u2028 it")
    signature = sign(mark_of(attempt.id), attempt_fields(attempt.to_dict()), key_of_home(home))
    old = OldEntries(
        signed=replace(attempt, signature=signature),
        unsigned=Attempt(new_id(), name="nobody's"),
        journal=Journal(id=new_id()).guessed("teacher", 2),
        both=made(some(200)),
        nobodys=made(some(240)),
        removed=made(some(280)),
    )
    unsigned = {k: v for k, v in old.unsigned.to_dict().items() if k not in ("signature", "counting_line")}
    _write(home / "exercises" / f"{old.signed.id}.json", old.signed.to_dict() | {"owner": ANN})
    _write(home / "exercises" / f"{old.unsigned.id}.json", unsigned)
    (home / "exercises" / f"{new_id()}.json").write_text("{")
    (home / "exercises" / "notes.json").write_text("{}")
    _write(home / "tours" / f"{old.journal.id}.json", old.journal.to_dict() | {"owner": ANN})
    for data in (old.both, old.nobodys):
        folder = home / "data" / data.hash
        _write(folder / "data.json", content_of(data, None))
        (folder / "rows.jsonl").write_text("".join(data.lines()), encoding="utf-8")
    (home / "data" / old.both.hash / "owners").mkdir()
    for owner in (ANN, BOB, "nobody"):
        (home / "data" / old.both.hash / "owners" / owner).touch()
    columns = columns_of(content_of(old.removed, None))
    _write(
        home / "data" / "removed" / f"{old.removed.hash}.json",
        content_left(summary_of(DataRow(hash=old.removed.hash, **columns))),
    )
    damaged = home / "data" / ("d" * 16)
    damaged.mkdir()
    (damaged / "data.json").write_text("{")
    return old


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1))
