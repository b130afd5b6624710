"""Exports of a server's runs, each made in a process of its own, one at a time: no page and no training waits for it.

    HOME/runs/<id>/exports/<kind>/   the exported folder; appears complete or not at all, and goes with the run
    HOME/runs/<id>/exports/page…/    the same for a page, by what it has

The process holds the lock of the home's exports from before it loads torch. So of many that were begun, one works and
the others wait in a few megabytes of memory.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from labcore.config.checks import SpecError
from labcore.export.exported_folder import KINDS, ExportedFolder, Kind, read_exported
from labcore.export.exported_page import ExportedPage, PageChoice, read_page
from labcore.system.files import remove_folder

MOST_WAITING = 8  # exports that may be begun and not done
LOCK = "exports.lock"
ENDED = "The export ended without a word: the system may have stopped it for want of memory. Try it again."


@dataclass(frozen=True)
class Making:
    """An export that is being made, or waits for another one. seconds: since it was begun."""

    seconds: float


@dataclass(frozen=True)
class Ready:
    """An export that is there."""

    folder: Path
    facts: ExportedFolder | ExportedPage


@dataclass(frozen=True)
class Refused:
    """An export that there is none of, and why."""

    words: str


ExportState: TypeAlias = Making | Ready | Refused
Wanted: TypeAlias = Kind | PageChoice


@dataclass
class _Process:
    child: subprocess.Popen[bytes]
    errors: IO[bytes]
    began: float = field(default_factory=time.monotonic)


class ExportJobs:
    """The exports of one home. Every session of a server shares it."""

    def __init__(self, home: Path):
        self.home = home
        self._processes: dict[tuple[str, Wanted], _Process] = {}
        self._refused: dict[tuple[str, Wanted], str] = {}

    def folder(self, run_id: str, wanted: Wanted) -> Path:
        """Where the run's export is, or will be. wanted: a kind of files, or a page."""
        name = wanted.name if isinstance(wanted, PageChoice) else wanted
        return self.home / "runs" / run_id / "exports" / name

    def start(self, run_id: str, wanted: Wanted) -> None:
        """Begin to make an export, unless it is there or being made. A damaged one is removed first.

        Raises SpecError if too many wait, and OSError.
        """
        if isinstance(self.state(run_id, wanted), Making | Ready):
            return
        if sum(process.child.poll() is None for process in self._processes.values()) >= MOST_WAITING:
            raise SpecError(f"{MOST_WAITING} exports wait already on this server; try again in a minute")
        self._refused.pop((run_id, wanted), None)
        if (damaged := self.folder(run_id, wanted)).is_dir():
            remove_folder(damaged)
        errors = tempfile.TemporaryFile()  # noqa: SIM115  (read once the process has ended)
        child = subprocess.Popen(
            self.command(run_id, wanted), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        self._processes[run_id, wanted] = _Process(child, errors)

    def command(self, run_id: str, wanted: Wanted) -> list[str]:
        """The command that makes an export."""
        form = wanted.arguments if isinstance(wanted, PageChoice) else ["--to", wanted]
        arguments = [*form, "--out", f"{self.folder(run_id, wanted)}", "--home", f"{self.home}"]
        child = [sys.executable, "-m", "labcore.commands.export_child", f"{self.home / LOCK}"]
        return [*child, "export", run_id, *arguments]

    def making(self, run_id: str) -> Wanted | None:
        """What is being made of a run; None if nothing is."""
        running = [key for key, process in list(self._processes.items()) if process.child.poll() is None]
        return next((wanted for run, wanted in running if run == run_id), None)

    def state(self, run_id: str, wanted: Wanted) -> ExportState | None:
        """The state of an export; None if nobody asked for it."""
        process = self._processes.get((run_id, wanted))
        if process is not None and process.child.poll() is None:
            return Making(time.monotonic() - process.began)
        folder = self.folder(run_id, wanted)
        if folder.is_dir():
            self._processes.pop((run_id, wanted), None)
            try:
                is_page = isinstance(wanted, PageChoice)
                return Ready(folder, read_page(folder) if is_page else read_exported(folder, KINDS))
            except SpecError as error:
                return Refused(str(error))
        if process is not None and self._processes.pop((run_id, wanted), None) is not None:
            process.errors.seek(0)
            lines = process.errors.read().decode("utf-8", "replace").splitlines()
            words = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
            self._refused[run_id, wanted] = words[-1] if words else ENDED
            process.errors.close()
        words_of = self._refused.get((run_id, wanted))
        return None if words_of is None else Refused(words_of)

    def close(self) -> None:
        """End what is being made."""
        for process in list(self._processes.values()):
            process.child.kill()
            process.child.wait()
            process.errors.close()
        self._processes.clear()
