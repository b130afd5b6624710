"""The folder in which the lab keeps its runs."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """The home of all runs: the environment's LAB_HOME, or `.lab` in the project."""
    # Not Path's own methods, which raise for a missing user and for links that form a circle: `home_error`
    # has a sentence for a home that can't be used.
    return Path(os.path.realpath(os.path.expanduser(os.environ.get("LAB_HOME") or PROJECT / ".lab")))
