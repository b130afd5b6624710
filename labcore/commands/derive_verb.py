"""`derive`: a spec's student, untrained, as a folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from labcore.commands.arguments import Commands, add_device, add_spec, read_spec, use_device
from labcore.commands.notes import print_ineffective_steps
from labcore.system.writable import check_folder


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("derive", help="make a spec's student, untrained, and save it as a folder")
    add_spec(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="a new or empty folder")
    add_device(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Save the student, and print its counts as JSON. Raises SpecError or OSError if it can't be made or saved."""
    spec = read_spec(options.spec)
    check_folder(options.out.parent)
    use_device(options)
    from labcore.runs.export_untrained import export

    print(json.dumps(export(spec, options.out)))
    print_ineffective_steps(spec)
    return 0
