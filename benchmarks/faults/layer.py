"""The layer between this process and its files: built from `layer.c`, loaded at the start, controlled from here."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("layer.c")
OFF, COUNT, FROM, ONCE, KILL = range(5)  # as in layer.c
WRITE, MAKE, SYNC, MOVE, REMOVE, CHANGE, OPEN, OPEN_TO_WRITE = (1 << bit for bit in range(8))
EVERY = WRITE | MAKE | SYNC | MOVE | REMOVE | CHANGE  # what changes something on disk


def compiler() -> str | None:
    """The C compiler of this machine; None if the layer can't be built here."""
    return shutil.which("cc") or shutil.which("gcc") if sys.platform == "linux" else None


def built() -> Path:
    """The layer as a shared library, built unless it is there. Raises RuntimeError if it can't be built."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    library = Path(tempfile.gettempdir()) / f"teacher-student-lab-faults-{os.getuid()}-{digest}.so"
    if not library.exists():
        cc = compiler()
        if cc is None:
            raise RuntimeError("the layer below the files needs Linux and a C compiler; install gcc")
        part = library.with_suffix(f".{os.getpid()}")
        subprocess.run([cc, "-O2", "-shared", "-fPIC", "-o", str(part), str(SOURCE), "-ldl"], check=True)
        os.replace(part, library)
    return library


def restart_below(arguments: Sequence[str]) -> None:
    """Start this command again with the layer, in place of this process, unless it has it already."""
    if not hasattr(ctypes.CDLL(None), "lab_faults"):
        environment = {**os.environ, "LD_PRELOAD": str(built())}
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.faults", *arguments], environment)


@contextmanager
def failing(folder: Path, mode: int, kinds: int = EVERY, error: int = 0, first: int = 1) -> Iterator[None]:
    """In the block, calls of these kinds on files below the folder fail with an error, from the `first` on or once."""
    library = ctypes.CDLL(None)
    library.lab_faults(os.fsencode(folder), mode, kinds, error, ctypes.c_long(first))
    try:
        yield
    finally:
        stop(library)


def stop(library: ctypes.CDLL | None = None) -> None:
    """Let no call fail any more, and go on counting none."""
    library = library or ctypes.CDLL(None)
    number, met = seen(library)
    library.lab_faults(b"", OFF, 0, 0, ctypes.c_long(0))
    _last[:] = [number, met]


_last = [0, 0]


def seen(library: ctypes.CDLL | None = None) -> tuple[int, int]:
    """How many calls of the kinds there were since the block began, and how many of them failed."""
    library = library or ctypes.CDLL(None)
    return int(library.lab_faults_seen()), int(library.lab_faults_met())


def counts() -> tuple[int, int]:
    """`seen` of the block that ended last."""
    return _last[0], _last[1]


@contextmanager
def clock_set_back(seconds: float) -> Iterator[None]:
    """In the block, the system's time is this much earlier; the monotonic clock is not."""
    library = ctypes.CDLL(None)
    library.lab_clock(ctypes.c_long(-int(seconds)))
    try:
        yield
    finally:
        library.lab_clock(ctypes.c_long(0))
