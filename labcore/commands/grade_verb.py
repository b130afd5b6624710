"""`grade`: your own count_parameters, or the exercise's submissions."""

from __future__ import annotations

import argparse
from pathlib import Path

from labcore.commands.arguments import Commands, add_device, check_run_home, use_device
from labcore.system.writable import check_file


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("grade", help="check your own count_parameters, or grade the exercise's submissions")
    parser.add_argument(
        "path",
        type=Path,
        help="a Python file or notebook with the function, which is run; or a submission, or a folder of them",
    )
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="folder of the grader's runs (default: LAB_HOME, or .lab)"
    )
    parser.add_argument("--counts-only", action="store_true", help="train nothing: accuracies are not recomputed")
    parser.add_argument(
        "--attempt",
        metavar="CODE",
        help="count the models of this attempt, too, and print the line to paste on the page",
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="the class server's key, which verifies signatures (default: the home's)",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the grades as a table, too")
    add_device(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print the grades; returns 1 if a check failed. Raises SpecError or OSError if there is nothing to grade."""
    trains = options.path.suffix.lower() not in (".py", ".ipynb") and not options.counts_only
    if trains:  # submissions are trained again
        check_run_home(options.home)
        use_device(options)
    if options.csv is not None:
        check_file(options.csv)
    from labcore.exercise.grade_command import GradeOptions, grade

    return grade(
        options.path,
        GradeOptions(
            home=options.home,
            counts_only=options.counts_only,
            table=options.csv,
            key=options.key,
            attempt=options.attempt,
        ),
    )
