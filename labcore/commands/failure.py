"""The end of a command that fails: one line on standard error, and an exit status."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path

from labcore.config.spec import SpecError
from labcore.runs.trained_student import NotSaved
from labcore.system.faults import reported, sentence
from labcore.system.home import default_home


def report(error: Exception, options: argparse.Namespace) -> int:
    """Print one line on an error, and return the exit status: 2 for bad input or an unusable folder, else 1."""
    give_up_output()
    given: Path | None = getattr(options, "home", None)
    home = given or default_home()
    about = home if "home" in options else getattr(options, "out", None)
    line = reported(error, home, f"python -m labcore {options.command}", about)
    if isinstance(error, NotSaved):
        line = f"{line} {_rescued(error)}"
    print("error:", line, file=sys.stderr)
    return 2 if isinstance(error, (SpecError, OSError)) and not isinstance(error, NotSaved) else 1


def give_up_output() -> None:
    """If standard output can't be written, drop the rest of its buffer; the interpreter would complain at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):  # an output that is no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _rescued(error: NotSaved) -> str:
    """Save a student that its home can't take in the system's temporary folder; returns a sentence with that folder."""
    try:
        return f"It was put in {error.trained.rescue()} instead; copy it to a place that lasts."
    except Exception as other:
        return f"It could not be put in the system's temporary folder either, and is lost. {sentence(other)}"
