"""`tidy`: the files in a home that nothing refers to; deleted only if that is asked for."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from labcore.commands.arguments import Commands


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("tidy", help="list files of runs and data sets that nothing refers to, or delete them")
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs (default: LAB_HOME, or .lab)")
    parser.add_argument("--delete", action="store_true", help="delete them; without it they are only listed")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print one JSON object: the files with their sizes and reasons. Raises OSError if the home can't be used."""
    from labcore.runs.leftovers import leftovers, remove
    from labcore.runs.store import Store

    items = leftovers(Store(options.home))
    if options.delete:
        remove(items)
    files = [{"path": f"{item.path}", "bytes": item.bytes, "why": item.why} for item in items]
    print(json.dumps({"deleted": options.delete, "bytes": sum(item.bytes for item in items), "files": files}))
    return 0
