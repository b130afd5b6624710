"""The files of changes lead to the tables of this version, from every revision on, with data in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from labcore.config.spec import Spec
from labcore.database.schema import METADATA, REVISION
from labcore.database.upgrade import is_known, revision_of, upgrade
from labcore.runs.spec_key import spec_key
from labcore.runs.store import Store
from tests.shared.disk import small_disk
from tests.shared.old_databases import FIRST_RUN, REVISIONS, SCRIPTS, database_at
from tests.shared.runs import EVENTS, FINISHED, PAIR


def test_the_changes_lead_to_the_tables(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'new'}").begin() as connection:
        assert revision_of(connection) is None
        upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert revision_of(connection) == REVISION == REVISIONS[-1] == SCRIPTS.get_current_head()
    assert all(map(is_known, REVISIONS))
    assert not is_known("9999")


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_each_revision_is_read_on_a_disk_that_takes_no_change(revision: str, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = disk.path / "home"
        database_at(home, revision)
        disk.remount("ro")
        store = Store(home)
        for _ in range(2):
            [run] = store.runs()
            assert (run.id, list(store.events(run.id))) == (FIRST_RUN["id"], [EVENTS[1]])
            assert (run.note, run.tags) == ("", ())
        with pytest.raises(OSError, match="Read-only"):
            store.annotate(run.id, note="a note", tags=[])
        disk.remount("rw")
        store.annotate(run.id, note="a note", tags=[])
        assert Store(home).read(run.id).note == "a note"


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_each_revision_is_brought_up_to_date_with_its_data(revision: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    database_at(home, revision)
    store = Store(home)
    [run] = store.runs()
    assert (run.id, run.status, run.name) == (FIRST_RUN["id"], "stopped", "mine")
    assert run.spec == Spec.from_json(str(FIRST_RUN["spec"]))
    assert spec_key(run.spec) == FIRST_RUN["spec_key"]
    assert list(store.events(run.id)) == [EVENTS[1]]
    store.annotate(run.id, note="a note", tags=["tag"])
    assert (Store(home).read(run.id).note, Store(home).read(run.id).tags) == ("a note", ("tag",))
    new = store.create(Spec())
    store.finish(new, FINISHED, PAIR)
    assert [each.id for each in Store(home).runs()] == [new, run.id]
