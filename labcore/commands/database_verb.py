"""`database`: what a home's own database has, copied into the PostgreSQL database of LAB_DATABASE_URL."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from labcore.commands.arguments import Commands


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("database", help="copy a home's database into that of LAB_DATABASE_URL")
    parser.add_argument("act", choices=["copy"], help="copy runs, attempts and data sets that are not there yet")
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs (default: LAB_HOME, or .lab)")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print one JSON object: how much was copied. Raises SpecError without LAB_DATABASE_URL, and OSError."""
    from labcore.runs.server_copy import copy_to_server
    from labcore.system.home import default_home

    print(json.dumps(copy_to_server(options.home or default_home())))
    return 0
