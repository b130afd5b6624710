"""A worker of the cluster: it trains runs one after another in a folder of its own, and is asked for what is new.

Nothing is pushed and there is no thread: each call of `advance` trains for a moment and returns. So a stop takes effect
within a step, and the events that the lab has are always those up to some event of the training.
"""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labcore.cluster.parcel import Parcel, SharedFile, WorkerReply
from labcore.cluster.worker_store import WorkerStore
from labcore.cluster.worker_version import WorkerVersion, worker_version
from labcore.database.server_address import VARIABLE as DATABASE
from labcore.results.events import Event, Preparing, Resumed, Started
from labcore.runs.store import Store
from labcore.runs.trained_student import Trained
from labcore.system.files import write_whole

if TYPE_CHECKING:
    from labcore.runs.execute import Events

MOMENT = 0.2  # seconds of training between two replies
BEFORE_TRAINING = (Started, Preparing, Resumed)  # the targets may still be incomplete


class RemoteTraining:
    """The class of the Ray actor. It gets one call at a time."""

    def __init__(self, settings: Mapping[str, str]):
        """settings: environment variables of the lab that decide how a run is trained."""
        self._home = Path(tempfile.mkdtemp(prefix="teacher-student-lab-worker-"))
        os.environ.update(settings)
        os.environ["LAB_HOME"] = f"{self._home}"
        os.environ.pop(DATABASE, None)  # a worker's runs are its own, in a file
        self._versions: dict[str, str] = {}
        self._run: str | None = None
        self._trained: Trained | None = None
        self._known: set[str] | None = None  # names of targets that the lab has; None once it has all

    def version(self) -> WorkerVersion:
        """The versions here that must equal the lab's, the host's name, and this process's id."""
        return worker_version(), socket.gethostname(), os.getpid()

    def begin(self, parcel: Parcel) -> None:
        """Take over a run. One that is under way is given up. Raises OSError."""
        from labcore.runs.execute import execute_and_store  # imports torch

        self._give_up()
        self._unpack(parcel.files)
        self._store = store = WorkerStore()
        store.targets = self._home / parcel.targets
        self._known = _names(store.targets)
        store.adopt(parcel.run, parcel.events, parcel.others)
        store.adopt_data(parcel.data)
        self._run = parcel.run.id
        if parcel.checkpoint is not None:
            store.save_checkpoint(self._run, lambda path: write_whole(path, parcel.checkpoint or b""))
        self._seen = self._checkpoint_version()
        self._events: Events = execute_and_store(parcel.run.spec, self._run, store, self._keep)

    def advance(self, stop: bool = False) -> WorkerReply:
        """Train for a moment, or stop with a checkpoint; returns what is new. Raises nothing that the run raises."""
        events: list[Event] = []
        error, over, until = None, False, time.monotonic() + MOMENT
        try:
            while not stop and self._trained is None:
                events.append(next(self._events))
                if time.monotonic() >= until:
                    break
        except StopIteration:
            over = True
        except Exception as raised:
            error, over = _portable(raised), True
        if stop or self._trained is not None:
            self._events.close()
            over = True
        assert self._run is not None
        progress = WorkerReply(
            events=tuple(events),
            run=self._store.read(self._run),
            checkpoint=None if self._trained else self._new_checkpoint(),
            targets=self._new_targets(events, over),
            trained=self._trained,
            error=error,
            over=over,
        )
        if over:
            self._give_up()
        return progress

    def close(self) -> None:
        """Remove the worker's folder. No call follows."""
        self._give_up()
        shutil.rmtree(self._home, ignore_errors=True)

    def _keep(self, trained: Trained, store: Store) -> None:
        self._trained = trained

    def _give_up(self) -> None:
        """Let go the run: the lab has what it needs of it."""
        if self._run is not None:
            self._events.close()
            self._store.discard(self._run)
            self._run = self._trained = None

    def _unpack(self, files: Mapping[str, SharedFile]) -> None:
        import ray

        for name, file in files.items():
            path = self._home / name
            if self._versions.get(name) != file.version or not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, ray.get(file.content))
                self._versions[name] = file.version

    def _checkpoint_version(self) -> tuple[int, int] | None:
        path = None if self._run is None else self._store.checkpoint(self._run)
        return None if path is None else (path.stat().st_mtime_ns, path.stat().st_ino)

    def _new_checkpoint(self) -> bytes | None:
        """The checkpoint's content, if it was saved since the last reply."""
        version = self._checkpoint_version()
        if version is None or version == self._seen or self._run is None:
            return None
        self._seen = version
        path = self._store.checkpoint(self._run)
        return None if path is None else path.read_bytes()

    def _new_targets(self, events: list[Event], over: bool) -> dict[str, bytes] | None:
        """The targets that were computed here, once they are complete; None before."""
        trains = any(not isinstance(event, BEFORE_TRAINING) for event in events)
        if not (trains or over) or self._known is None:
            return None
        new = {name: (self._store.targets / name).read_bytes() for name in _names(self._store.targets) - self._known}
        self._known = None
        return new


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*.safetensors")}


def _portable(error: Exception) -> Exception:
    """The error as it can travel: itself, with its traceback as a note, or another one with the same words."""
    import traceback

    note = "on the worker:\n" + "".join(traceback.format_exception(error))
    try:
        travels: Any = pickle.loads(pickle.dumps(error))
    except Exception:
        travels = RuntimeError(f"{type(error).__name__}: {error}")
    travels.add_note(note)
    return travels if isinstance(travels, Exception) else RuntimeError(f"{error}")
