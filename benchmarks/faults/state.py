"""All that a home has, as a fresh process would read it, without ids and times: to compare before and after."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from labcore.compress.student_folder import load_student
from labcore.data.own.data_store import all_data_sets, load
from labcore.database.database import FILE
from labcore.exercise.attempt_store import load_attempt
from labcore.guide.tour.journal import Journal
from labcore.results.run import Run
from labcore.runs.spec_key import spec_key
from labcore.runs.store import Store
from labcore.search.search_files import SearchFiles
from labcore.teacher.own_teachers import ENTRY, all_entries
from tests.shared.tiny import bytes_of

State = dict[str, Any]  # by kind of thing; each value is compared as one
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{7}")


def state_of(home: Path) -> State:
    """What there is. Raises AssertionError if something is half there: damaged, or in part."""
    _check_database(home / FILE)
    store = Store(home)
    return {kind: read(store) for kind, read in KINDS.items()}


def _check_database(path: Path) -> None:
    if path.is_file():
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def _runs(store: Store) -> list[str]:
    assert store.fault() is None, store.fault()
    return sorted(_run(run, store) for run in store.runs())


def _run(run: Run, store: Store) -> str:
    if run.status == "finished":
        assert store.has_student(run.id)
        assert store.logits(run.id) is not None
    student = sorted(bytes_of(store.student(run.id).model).values()) if store.has_student(run.id) else None
    if store.has_logits(run.id):
        assert store.logits(run.id) is not None
    events = [event.event for event in store.events(run.id)]
    status = "active" if run.active or run.status == "interrupted" else run.status
    said = (spec_key(run.spec)[:6], status, run.name, run.note, sorted(run.tags), run.owner, bool(run.error))
    return repr((said, student, store.has_logits(run.id), Counter(events)))


def _checkpoints(store: Store) -> int:
    """Of runs that have not finished; another costs room only."""
    return sum(store.checkpoint(run.id) is not None for run in store.runs() if run.status != "finished")


def _attempts(store: Store) -> list[str]:
    read = []
    for each in store.attempts.all():
        attempt = load_attempt(each, store)
        assert attempt is not None, f"attempt {each} is damaged"
        read.append(repr((attempt.name, attempt.slots, attempt.begun is not None)))
    return sorted(read)


def _journals(store: Store) -> list[str]:
    contents = [json.loads(each.content) for each in store.journals.all().values()]
    return sorted(repr(Journal.from_dict({k: v for k, v in each.items() if k != "owner"}).guesses) for each in contents)


def _data(store: Store) -> list[str]:
    sets = all_data_sets(store.home)
    assert not [each.damaged for each in sets if each.damaged]
    return sorted(repr((load(e.hash, store.home).hash, e.name, sorted(map(str, e.owners)))) for e in sets)


def _drafts(store: Store) -> list[str]:
    return sorted(
        file.name for file in (store.home / "data" / "drafts").glob("[!.]*/draft.json") if json.loads(file.read_text())
    )


def _teachers(store: Store) -> list[str]:
    entries = all_entries()
    folders = [file.parent for file in (store.home / "teachers").glob(f"[!.]*/{ENTRY}")]
    assert len(entries) == len(folders), f"of {len(folders)} teachers {len(entries)} can be read"
    for each in entries:
        if each.status == "ready" and each.source is None:
            from labcore.teacher.load import load_teacher

            load_teacher(str(store.home / "teachers" / each.id / "model"))
    return sorted(repr((each.title, each.task, each.status, each.owner)) for each in entries)


def _owners(store: Store) -> list[str]:
    return sorted(map(repr, store.owners.all().values()))


def _queue(store: Store) -> object:
    if not (store.home / FILE).exists():
        return None
    return store.queue.state(), [len(turn.jobs) for turn in store.queue.waiting()]


def _outputs(store: Store) -> list[str]:
    """What commands wrote to, by name; a student's folder can be loaded."""
    written = sorted((store.home / "out").glob("[!.]*"))
    for each in written:
        if (each / "structure.json").exists():
            load_student(each)
        assert each.is_dir() or each.stat().st_size > 0, f"{each} is empty"
    return [each.name for each in written]


def _searches(store: Store) -> list[str]:
    files = SearchFiles(store.home)
    return sorted(repr((each.search, each.owner, files.history(each.id))) for each in files.all())


def _secrets(store: Store) -> list[str]:
    files = [file for file in store.home.glob("*") if file.suffix in (".secret", ".key")]
    assert all(re.fullmatch(r"[0-9a-f]{64}\n", file.read_text()) for file in files)
    return sorted(file.name for file in files)


KINDS: dict[str, Callable[[Store], Any]] = {
    "runs": _runs,
    "checkpoints": _checkpoints,
    "attempts": _attempts,
    "journals": _journals,
    "data sets": _data,
    "drafts": _drafts,
    "teachers": _teachers,
    "owners": _owners,
    "queue": _queue,
    "searches": _searches,
    "secrets": _secrets,
    "outputs": _outputs,
}
