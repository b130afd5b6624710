"""A PostgreSQL server in a temporary folder, on a socket, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@dataclass(frozen=True)
class Server:
    """A server on a socket in a folder. fsync: whether it waits for the disk, as a real server does."""

    folder: Path
    fsync: bool = False

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs. Raises CalledProcessError."""
        assert BIN is not None
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(BIN / program), *arguments]
        subprocess.run(
            command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60
        )

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        fsync = "on" if self.fsync else "off"
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync={fsync}"
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """End it at once, as a crash would: it recovers at its next start."""
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "immediate", "stop")

    def create(self, database: str) -> str:
        """Make an empty database; its address."""
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", database)
        return self.url(database)

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres:secret7@/{database}?host={self.folder}"


@contextmanager
def postgres_server(*, fsync: bool = False) -> Iterator[Server]:
    """A server that runs within the block. Raises FileNotFoundError if PostgreSQL's programs are not installed."""
    if BIN is None:
        raise FileNotFoundError("PostgreSQL's programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="lab-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder, fsync)
    try:
        server.run("initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
