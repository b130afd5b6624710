"""One try: an operation under a fault, and then without it. What came of it, or what is wrong."""

from __future__ import annotations

import os
import shutil
import traceback
from collections import Counter
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from benchmarks.faults.after_fault import check_clear, check_tidy, difference
from benchmarks.faults.kinds import DAY, FILE_FAULTS, STATES, FileFault
from benchmarks.faults.layer import COUNT, clock_set_back, counts, failing
from benchmarks.faults.operation import Operation
from benchmarks.faults.state import State, state_of
from labcore.system.faults import one_line

TOGETHER = "two at once"
COLUMNS = (*(fault.name for fault in FILE_FAULTS), *STATES, TOGETHER)
QUICK = ("full", "one error", "killed", "locked")  # columns of a quick table
QUICK_SLOW = ("full", "killed")  # of a slow operation
SLOW = 24  # tries of a kind of a slow operation at most


class _Clear(Exception):
    """An error that has a sentence of its own; it is the cause of this one."""


@dataclass
class Row:
    """What came of an operation: by column, how often. wrong: each fault of the lab, as a line."""

    name: str
    cells: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Bench:
    """An operation's home before and after it, and tries of it on copies of that home."""

    def __init__(self, operation: Operation, folder: Path):
        self.operation, self.folder = operation, folder
        self.template = folder / "template"
        self._stepwise = operation.stepwise or operation.queue  # a queue keeps a run, and then its place
        self._number = 0
        self._use(self.template)
        self.template.mkdir(parents=True)
        operation.prepare()
        self.before = state_of(self.template)
        home = self.copy()
        self._done()
        self.after = state_of(home)
        self.twice = self._repeated(home)

    def copy(self) -> Path:
        """A copy of the home before the operation, used from now on."""
        self._number += 1
        home = self.folder / f"home-{self._number}"
        shutil.copytree(self.template, home)
        self._use(home)
        return home

    def _done(self) -> None:
        """Do the operation."""
        process = self.operation.begin()
        try:
            process.act()
        finally:
            process.end()

    def _use(self, home: Path) -> None:
        os.environ["LAB_HOME"] = str(home)

    def _repeated(self, home: Path) -> list[State]:
        """The states in which the operation may leave a home if it is done until it has succeeded, or once more."""
        with suppress(_Clear):  # it is done already
            self._repeat(home)
        return [self.after, state_of(home)]

    def row(self, quick: bool, most: int | None) -> Row:
        """The row, each cell tried. quick: few cells, each at one call. most: the calls of a kind that are tried."""
        row, chosen = Row(self.operation.name), COLUMNS
        if quick:
            chosen = QUICK_SLOW if self.operation.slow else QUICK
        for fault in FILE_FAULTS:
            for first in self._calls(fault, 1 if quick else most) if fault.name in chosen else ():
                self._note(row, fault.name, fault, first)
        for name in (*STATES, TOGETHER):
            if name in chosen:
                self._note(row, name)
        return row

    def _calls(self, fault: FileFault, most: int | None) -> list[int]:
        """The calls at which the fault is tried: those of an undisturbed operation, or some of them."""
        if not fault.each:
            return [1]
        home = self.copy()
        process = self.operation.begin()
        with failing(home, COUNT, fault.kinds):
            process.act()
        process.end()
        self._remove(home)
        every = max(1, counts()[0])
        most = min(every, most or every, SLOW if self.operation.slow else every)
        if most == 1:  # another one for each operation
            return [1 + crc32(f"{self.operation.name} {fault.name}".encode()) % every]
        return sorted({1 + round(i * (every - 1) / (most - 1)) for i in range(most)})

    def _note(self, row: Row, column: str, fault: FileFault | None = None, first: int = 0) -> None:
        """Try one cell once, and note what came of it."""
        home = self.copy()
        try:
            if column == TOGETHER:
                outcome = self._together(home)
            elif column == "killed":
                outcome = self._killed(home, fault, first)
            else:
                block = STATES[column](home) if fault is None else fault.at(home, first)
                outcome = self._tried(home, block, column)
        except Exception as error:
            outcome = "wrong"
            where = "".join(traceback.format_exception(error)[-3:])
            row.wrong.append(f"{row.name} × {column}{f' at call {first}' if first else ''}: {one_line(where)}")
        row.cells.setdefault(column, Counter())[outcome] += 1
        self._remove(home)

    # -- tries -------------------------------------------------------------------------------------

    def _tried(self, home: Path, block: AbstractContextManager[None], column: str) -> str:
        process, failed = self.operation.begin(), False
        with block:
            try:
                process.act()
            except Exception as error:
                check_clear(error, home)
                failed = True
        process.end()
        now = state_of(home)
        if column == "gone":  # what was in it is gone, too
            with suppress(_Clear):
                self._repeat(home)
            return "clear" if failed else "done"
        if failed:
            self._check_between(now)
        elif not (self.operation.later and now == self.before):
            assert now == self.after, f"acknowledged, and not there: {difference(now, self.after)}"
        with clock_set_back(DAY) if column == "clock" else nullcontext():
            self._once_more(home, failed)
        return "clear" if failed else "done"

    def _once_more(self, home: Path, failed: bool) -> None:
        """The operation must work now; if it took effect before, it may be refused with a sentence."""
        now = state_of(home)
        try:
            self._repeat(home)
        except _Clear as error:
            if failed and now == self.before and not self._stepwise:
                raise AssertionError("it does not work now") from error.__cause__
        new = state_of(home)
        if not self._stepwise:
            allowed = self.twice if failed else self.twice[1:]
            assert new in allowed, f"done again, it left something else: {difference(new, self.after)}"

    def _repeat(self, home: Path) -> None:
        """Do the operation in a process of its own. Raises _Clear."""
        try:
            self.operation.repeat()
        except Exception as error:
            check_clear(error, home)
            raise _Clear from error

    def _killed(self, home: Path, fault: FileFault | None, first: int) -> str:
        assert fault is not None
        child = os.fork()
        if child == 0:
            code = 3
            try:
                process = self.operation.begin()
                with fault.at(home, first):
                    process.act()
                process.end()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        now = state_of(home)
        if os.WIFSIGNALED(status):
            self._check_between(now)
            check_tidy(home)
            self._once_more(home, failed=True)
            return "killed"
        assert os.WEXITSTATUS(status) == 0, f"exit status {os.WEXITSTATUS(status)} without a fault"
        assert now == self.after, difference(now, self.after)
        return "done"

    def _together(self, home: Path) -> str:
        """Two processes do it at once; each succeeds or is refused with a sentence, and what each did is there."""
        start, go = os.pipe()
        children = [self._child(home, start, go) for _ in range(2)]
        os.close(start)
        os.close(go)  # both begin
        codes = [os.WEXITSTATUS(os.waitpid(child, 0)[1]) for child in children]
        assert set(codes) <= {0, 1}, (home / "child-error").read_text()
        now = state_of(home)
        if not self._stepwise:
            assert now in self.twice, difference(now, self.after)
        assert 0 in codes, "both were refused"
        return "done" if codes == [0, 0] else "clear"

    def _child(self, home: Path, start: int, go: int) -> int:
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            os.close(go)
            os.read(start, 1)
            self._done()
            code = 0
        except Exception as error:
            try:
                check_clear(error, home)
            except AssertionError as wrong:
                (home / "child-error").write_text(f"{wrong}")
                code = 2
        finally:
            os._exit(code)

    def _check_between(self, now: State) -> None:
        """Each kind of thing is as before, or as after."""
        if not self._stepwise:
            torn = {k: v for k, v in now.items() if v not in (self.before[k], self.after[k])}
            assert not torn, f"neither as before nor as after: {difference(now, self.before)}"

    def _remove(self, home: Path) -> None:
        self._use(self.template)
        for each in (home, home.with_name(f"{home.name}-away")):
            shutil.rmtree(each, ignore_errors=True)
