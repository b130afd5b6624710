"""The store of a worker: it takes over a run of the lab's store under its id, trains it, and gives it back."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.data.own.data_summary import DataRow
from labcore.data.own.data_table import DataTable
from labcore.results.events import Event
from labcore.results.run import FinishedRun, Run
from labcore.runs.home_database import shared_database
from labcore.runs.run_rows import line_of
from labcore.runs.store import Store


class WorkerStore(Store):
    """A store in a folder of one worker, which nobody else reads."""

    def adopt(self, run: Run, events: Sequence[Event], others: Sequence[FinishedRun]) -> None:
        """Hold a run that another store has, with its events so far. others: finished runs that it may read.

        Raises OSError.
        """
        self._locks[run.id] = self._folder(run.id).create()
        self._table.add([run])
        if new := [each for each in others if self._table.read(each.id) is None]:
            self._table.add(new)
        self._table.write(run.id, None, 0, [line_of(event) for event in events])
        self._table.database.keep_open()
        self._held[run.id] = run

    def adopt_data(self, row: DataRow | None) -> None:
        """Know a data set whose examples lie in this home. Raises OSError."""
        table = DataTable(shared_database(self.home))
        if row is not None and table.read(row.hash) is None:
            columns = {"name": row.name, "created": row.created, "content": row.content}
            table.keep(row.hash, columns, None, over=None)
