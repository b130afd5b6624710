"""A small disk of its own, to be filled, made read-only and mended: real faults, in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"


class Disk:
    """A file system in memory, at `path`."""

    def __init__(self, path: Path):
        self.path = path

    def fill(self, spare: int = 0) -> None:
        """Leave room for `spare` pages of 4,096 bytes."""
        self.free()
        with (self.path / FILLER).open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                file.truncate(max(0, file.seek(0, 2) - 4096 * spare))

    def free(self) -> None:
        """Take away what filled it."""
        (self.path / FILLER).unlink(missing_ok=True)

    def remount(self, options: str) -> None:
        """`ro`, `rw` or `size=…`."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)], check=True, capture_output=True)


@contextmanager
def small_disk(path: Path, size: str = "2m") -> Iterator[Disk]:
    """A disk of this size at a new folder; the test is skipped if this process may not mount one."""
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a file system can't be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True, capture_output=True)
