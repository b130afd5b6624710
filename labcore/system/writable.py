"""Obstacles to writing into a folder, found before the work whose results go there."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

FULL_BELOW_BYTES = 2**20  # a home with less free space than this can hold no student


class NoFolder(OSError):
    """A folder that the system does not let anyone make."""

    for_people = True  # see labcore.system.faults


def home_error(home: Path) -> OSError | None:
    """What is wrong with a home, without writing to it: not a folder, not writable, full. None if runs can be kept."""
    return folder_error(home / "runs", home)


def folder_error(folder: Path, named: Path | None = None) -> OSError | None:
    """What is in the way of writing to a folder, or of making it; None if nothing is known to be.

    The error names the place that is in the way; that of a full or read-only disk names the folder, or `named`
    in its stead.
    """
    place = _there(folder)
    if not os.path.isdir(place):
        code = errno.ENOTDIR if os.path.exists(place) else errno.ENOENT
        return OSError(code, os.strerror(code), str(place))
    try:
        if not os.access(place, os.W_OK | os.X_OK):
            if _read_only(place):
                return OSError(errno.EROFS, os.strerror(errno.EROFS), str(named or folder))
            return OSError(errno.EACCES, os.strerror(errno.EACCES), str(place))
        if _full(place):
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(named or folder))
    except OSError as error:
        return error
    return None


def check_home(home: Path) -> None:
    """Raise OSError if runs can't be kept in this home. Tries it, and leaves nothing behind."""
    if (error := home_error(home)) is not None:
        raise error
    check_folder(home)


def check_folder(folder: Path) -> None:
    """Raise OSError if nothing can be put into a folder, or it can't be made. Tries it, and leaves nothing behind."""
    if (error := folder_error(folder)) is not None:
        raise error
    place, first = _there(folder), folder
    while first != place and first.parent != place:
        first = first.parent
    try:
        os.rmdir(tempfile.mkdtemp(dir=place))
    except FileNotFoundError:  # of a folder that is there: the system's own, such as /proc
        raise NoFolder(
            f"The folder {folder} can't be made: {place} takes no new folder. Give another folder."
        ) from None
    except OSError as refused:
        raise OSError(refused.errno, refused.strerror, str(first)) from None


def check_file(path: Path) -> None:
    """Raise OSError if a file can't be written: its folder must be there."""
    if (error := folder_error(path.parent)) is None and not os.path.lexists(path.parent):
        error = OSError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    if error is not None:
        raise error
    check_folder(path.parent)


def _there(folder: Path) -> Path:
    """The folder, or else the nearest above it that is there."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _read_only(folder: Path) -> bool:
    flags = os.statvfs(folder).f_flag if hasattr(os, "statvfs") else 0
    return bool(flags & getattr(os, "ST_RDONLY", 1))


def _full(folder: Path) -> bool:
    if not hasattr(os, "statvfs"):  # Windows
        return shutil.disk_usage(folder).free < FULL_BELOW_BYTES
    disk = os.statvfs(folder)
    if disk.f_blocks == 0:  # it counts no space, so nothing is known of it
        return False
    return disk.f_bavail * disk.f_frsize < FULL_BELOW_BYTES or (disk.f_files > 0 and disk.f_favail == 0)
