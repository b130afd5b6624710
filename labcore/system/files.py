"""The one atomic writer: files and lines appear whole or not at all, and a folder goes at once; a folder as a file."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WAITS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # seconds


def replace(source: Path, target: Path) -> None:
    """Move a file or folder into a place that is free, or that holds a file; as one step. Raises OSError.

    Windows refuses that while somebody reads either of the two, so there it is tried again for a second.
    """
    for wait in WAITS if os.name == "nt" else ():
        with suppress(PermissionError):
            os.replace(source, target)
            return
        time.sleep(wait)
    os.replace(source, target)


def place_folder(source: Path, target: Path) -> None:
    """Move a finished folder into a place that is free, or that holds an empty folder. Raises OSError."""
    with suppress(FileNotFoundError):
        os.rmdir(target)  # Windows replaces no folder, not even an empty one
    replace(source, target)


def remove_folder(folder: Path) -> None:
    """Remove a folder. It is gone at once, because nobody looks at the name that it takes first. Raises OSError."""
    going = folder.parent / f".{folder.name}-{secrets.token_hex(4)}.part"
    replace(folder, going)
    shutil.rmtree(going)


@contextmanager
def folder_beside(target: Path, prefix: str) -> Iterator[Path]:
    """A new folder beside `target`, which goes after the block as far as the disk allows it. Raises OSError.

    tempfile's own one recurses without end if the system refuses to remove a file of it.
    """
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a file beside `path` to write to, which takes its place after the block, if nothing was raised in it.

    A reader sees the old file or the new one, never a part. Raises OSError.
    """
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        yield Path(beside)
        replace(Path(beside), path)
    finally:
        Path(beside).unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part. Raises OSError."""
    with replacing(path) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)


def make_once(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole, with its folder. One that is there already stays.

    Of several processes that do this at once one succeeds, and the others leave its file. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as part:
            part.write(content)
        try:
            os.link(beside, path)  # unlike a rename, it never replaces what signatures rest on
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            if not path.exists():
                replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def add_lines(path: Path, lines: str) -> None:
    """Add lines at the end of a file in one write.

    Raises OSError if they can't all be written; the file stays as it was.
    """
    content = lines.encode()
    with open(path, "ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            while content:
                content = content[file.write(content) :]
        except OSError:
            file.truncate(before)
            raise


def packed(folder: Path, name: str | None = None) -> bytes:
    """A folder as a zip file, not compressed: weights do not get smaller by it. Raises OSError.

    name: of the folder in it; by default that of the folder which holds this one.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{name or folder.parent.name}/{file.name}")
    return content.getvalue()


def locked(path: Path) -> bool:
    """Whether a process holds the lock on a file that can only be read. Raises OSError."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
