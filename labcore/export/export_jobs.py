"""Exports of a server's runs, each made in a process of its own, one at a time: no page and no training waits for it.

    HOME/runs/<id>/exports/<kind>/   the exported folder; appears complete or not at all, and goes with the run

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
    facts: ExportedFolder


@dataclass(frozen=True)
class Refused:
    """An export that there is none of, and why."""

    words: str


ExportState: TypeAlias = Making | Ready | Refused


@dataclass
class _Process:
    child: subprocess.Popen[bytes]
    errors: IO[bytes]
    began: float = field(default_factory=time.monotonic)


class ExportJobs:
    """The exports of one home. Every session of a server shares it."""

    def __init__(self, home: Path):
        self.home = home
        self._processes: dict[tuple[str, Kind], _Process] = {}
        self._refused: dict[tuple[str, Kind], str] = {}

    def folder(self, run_id: str, kind: Kind) -> Path:
        """Where the run's export of this kind is, or will be."""
        return self.home / "runs" / run_id / "exports" / kind

    def start(self, run_id: str, kind: Kind) -> None:
        """Begin to make an export, unless it is there or being made. Raises SpecError if too many wait, and OSError."""
        if isinstance(self.state(run_id, kind), Making | Ready):
            return
        if sum(process.child.poll() is None for process in self._processes.values()) >= MOST_WAITING:
            raise SpecError(f"{MOST_WAITING} exports wait already on this server; try again in a minute")
        self._refused.pop((run_id, kind), None)
        errors = tempfile.TemporaryFile()  # noqa: SIM115  (read once the process has ended)
        child = subprocess.Popen(
            self.command(run_id, kind), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        self._processes[run_id, kind] = _Process(child, errors)

    def command(self, run_id: str, kind: Kind) -> list[str]:
        """The command that makes an export."""
        folder = self.folder(run_id, kind)
        arguments = [f"{self.home / LOCK}", "export", run_id, "--to", kind, "--out", f"{folder}", "--home"]
        return [sys.executable, "-m", "labcore.commands.export_child", *arguments, f"{self.home}"]

    def state(self, run_id: str, kind: Kind) -> ExportState | None:
        """The state of an export; None if nobody asked for it."""
        process = self._processes.get((run_id, kind))
        if process is not None and process.child.poll() is None:
            return Making(time.monotonic() - process.began)
        folder = self.folder(run_id, kind)
        if folder.is_dir():
            self._processes.pop((run_id, kind), None)
            try:
                return Ready(folder, read_exported(folder, KINDS))
            except SpecError as error:
                return Refused(str(error))
        if process is not None and self._processes.pop((run_id, kind), None) is not None:
            process.errors.seek(0)
            lines = process.errors.read().decode("utf-8", "replace").splitlines()
            words = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
            self._refused[run_id, kind] = words[-1] if words else ENDED
            process.errors.close()
        words_of = self._refused.get((run_id, kind))
        return None if words_of is None else Refused(words_of)

    def close(self) -> None:
        """End what is being made."""
        for process in list(self._processes.values()):
            process.child.kill()
            process.child.wait()
            process.errors.close()
        self._processes.clear()
