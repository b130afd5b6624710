"""Faults outside the lab's own rules, as one line for people. Details go to a log, never to a page or terminal.

Each kind of fault has one entry here: a disk that is full or can't be written, memory that ran out, an unforeseen
error. Pages, runs and the command line all take their words from this file.
"""

from __future__ import annotations

import contextlib
import errno
import getpass
import logging
import os
import re
import tempfile
import traceback
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from labcore.config.spec import SpecError

LOG = "lab.log"
LOG_BYTES = 1_000_000  # then the log moves to lab.log.1, and the one before that goes
NOWHERE = "a file"  # what an error is about that names nothing
_OS_ERROR = re.compile(r"\(os error (\d+)\)")  # how safetensors, which is Rust, reports the system's error


@dataclass(frozen=True)
class Fault:
    """happened: what went wrong, as a sentence. advice: what you can do about it, as a sentence.

    foreseen: whether this file has an entry for its kind, so that nobody needs the log.
    """

    happened: str
    advice: str
    foreseen: bool = True


def fault_of(error: BaseException, where: Path | None = None) -> Fault | None:
    """The fault behind an error; None if the error's own text is written for people, such as a SpecError's.

    where: what was being written or read, named if the error names no file.
    """
    cause: BaseException | None = error
    while cause is not None:  # a fault that was passed on under another name is still that fault
        if _for_people(cause):
            return None
        if _out_of_memory(cause):
            return Fault(
                "The computer has run out of memory.",
                "Close other programs, or choose a smaller teacher, batch size or token limit.",
            )
        if (system_error := os_error(cause)) is not None:
            return _of_system(system_error, where)
        cause = cause.__cause__
    first = f"{error}".strip().split("\n")[0].strip()
    named = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return Fault(f"The lab met an error that it did not foresee: {_ended(named)}", "", foreseen=False)


def sentence(error: BaseException, where: Path | None = None, kept: str = "") -> str:
    """One line on an error: what happened, `kept` (what was saved, as a sentence), and what you can do."""
    fault = fault_of(error, where)
    if fault is None:
        return one_line(f"{error}")
    return one_line(" ".join(part for part in (fault.happened, kept, fault.advice) if part))


def reported(error: BaseException, home: Path, during: str, where: Path | None = None, kept: str = "") -> str:
    """`sentence`, after the traceback went to the log; for an unforeseen error it also names the log.

    during: the work that failed, for the log. An error whose text is for people has no entry in the log.
    """
    fault = fault_of(error, where)
    if fault is None:
        return sentence(error)
    log: Path | None = getattr(error, "_in_lab_log", None)  # an error passes several callers; it is logged once
    if log is None:
        log = note("".join([f"{during}\n", *traceback.format_exception(error)]).rstrip(), home)
        with contextlib.suppress(AttributeError):
            error._in_lab_log = log  # type: ignore[attr-defined]
    line = sentence(error, where, kept)
    return line if fault.foreseen or log is None else f"{line} Details are in {log}."


def note(text: str, home: Path) -> Path | None:
    """Add an entry to the log, in the home or else in the system's temporary folder; returns the log's path.

    None if neither can be written. The file is closed again, so that the home can be unmounted or repaired meanwhile.
    """
    entry = logging.LogRecord("labcore", logging.ERROR, "", 0, text, None, None)
    for folder in (_existing(home), _temporary()):
        if folder is None:
            continue
        path = folder / (LOG if folder == home else f"teacher-student-lab-{_user()}.log")
        with contextlib.suppress(OSError, UnicodeError):
            log = _Strict(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace")
            try:
                log.setFormatter(logging.Formatter("%(asctime)s %(message)s\n"))
                log.emit(entry)
            finally:
                with contextlib.suppress(OSError):
                    log.close()
            return path
    return None


def os_error(error: BaseException) -> OSError | None:
    """The system's error that an error is, or that its text reports; None if it is another kind."""
    if isinstance(error, OSError):
        return error
    match = _OS_ERROR.search(f"{error}") if isinstance(error, Exception) else None
    return OSError(int(match[1]), os.strerror(int(match[1]))) if match else None


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def _for_people(error: BaseException) -> bool:
    """Whether the error's own text has the given value, the allowed values and what to do."""
    return isinstance(error, (SpecError, FloatingPointError)) or getattr(type(error), "for_people", False)


def _out_of_memory(error: BaseException) -> bool:
    """Python's own error, or torch's: a RuntimeError, known by its allocator's words."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    words = ("DefaultCPUAllocator", "can't allocate memory", "out of memory", "std::bad_alloc")
    return isinstance(error, RuntimeError) and any(each in f"{error}" for each in words)


def _of_system(error: OSError, where: Path | None) -> Fault:
    """The fault that an OSError is, by its number."""
    place = _place(error, where)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return Fault(f"The disk is full: {place} can't be written.", "Free some space, then try again.")
        case errno.EROFS:
            return Fault(
                f"The disk is read-only: {place} can't be written.", "Make it writable, or give another folder."
            )
        case errno.EACCES | errno.EPERM:
            return Fault(f"The lab has no right to use {place}.", "Change its permissions, or give another folder.")
        case errno.ENOTDIR:
            named = error.filename if isinstance(error.filename, str) else place
            return _in_the_way(named)
        case errno.EISDIR:
            return Fault(f"{place} is a folder, not a file.", "Give a file.")
        case errno.ENOENT:
            named = error.filename if isinstance(error.filename, str) else place
            if where is not None and where.is_relative_to(named) and _could_be_made(named):
                return Fault(
                    f"The folder {where} can't be made: {Path(named).parent} takes no new folder.",
                    "Give another folder.",
                )
            return Fault(f"{named} is missing.", "Put it back, or give another.")
        case errno.EEXIST | errno.ENOTEMPTY:
            return Fault(f"{place} is there already.", "Give a new or an empty folder.")
        case errno.ELOOP | errno.ENAMETOOLONG:
            return Fault(f"{place} is not a path that can be followed.", "Give another folder.")
        case errno.EIO:
            return Fault(f"The disk failed at {place}.", "Check the disk, or give another folder.")
        case errno.EMFILE | errno.ENFILE:
            return Fault("Too many files are open.", "Close other programs, or raise the limit (ulimit -n).")
        case None:  # a library's own words
            return Fault(_ended(f"{error}".strip() or type(error).__name__), "")
        case _ if place == NOWHERE:
            return Fault(_ended(f"The system refused the lab a file or connection ({error.strerror})"), "Try again.")
        case _:
            return Fault(_ended(f"{place} can't be used ({error.strerror})"), "Try again, or give another folder.")


def _place(error: OSError, where: Path | None) -> str:
    """The path that an error is about: the file that it names, unless that is one of many below `where`."""
    named = error.filename if isinstance(error.filename, str) else None
    if where is not None and (named is None or Path(named).is_relative_to(where)):
        return f"{where}"
    return named or NOWHERE


def _in_the_way(path: str) -> Fault:
    """The fault of a path that needs a folder at the place of a file, or of a device, pipe or socket."""
    parts = (Path(path), *Path(path).parents)
    obstacle = next((each for each in parts if os.path.exists(each) and not os.path.isdir(each)), Path(path))
    if os.path.isfile(obstacle) or not os.path.exists(obstacle):
        return Fault(f"{obstacle} is a file, not a folder.", "Move it away, or give another folder.")
    kind = "a pipe" if obstacle.is_fifo() else "a socket" if obstacle.is_socket() else "a device"
    return Fault(f"{obstacle} is {kind}, not a folder.", "Give another folder.")


def _could_be_made(path: str) -> bool:
    """Whether the folder above a missing one is there: then the system itself refused to make it."""
    return not os.path.lexists(path) and os.path.isdir(Path(path).parent)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _existing(home: Path) -> Path | None:
    """The home, made if it can be."""
    with contextlib.suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        return home
    return None


def _temporary() -> Path | None:
    with contextlib.suppress(OSError):  # no folder for temporary files can be written
        return Path(tempfile.gettempdir())
    return None


def _user() -> str:
    """The user whose log it is: the temporary folder is shared."""
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"


class _Strict(RotatingFileHandler):
    """Raises if it can't write; logging's own handlers print a traceback then."""

    def handleError(self, record: logging.LogRecord) -> None:
        raise
