"""Arguments that several commands take, and the spec that they read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from labcore.config.checks import shown
from labcore.config.spec import Spec, SpecError
from labcore.system import processor
from labcore.system.home import default_home
from labcore.system.writable import check_home
from labcore.teacher.built_in import BUILT_IN

Commands: TypeAlias = (
    "argparse._SubParsersAction[argparse.ArgumentParser]"  # of `add_subparsers`, without a public name
)


Verb: TypeAlias = tuple[str, Callable[[argparse.Namespace], int], str]  # its name, what it does, and its help


def add_entry_verbs(
    verbs: Commands, listing: Verb, verbs_of_one: Sequence[Verb], *, entry: tuple[str, str], new: str
) -> None:
    """Add the verbs on what the home keeps: one that lists all, and those on one entry.

    entry: the name and the help of the argument that names it. new: the argument of `rename` with the new name.
    """
    name, run, words = listing
    verbs.add_parser(name, help=words).set_defaults(func=run)
    for name, run, words in verbs_of_one:
        verb = verbs.add_parser(name, help=words)
        verb.add_argument(entry[0], help=entry[1])
        if name == "rename":
            verb.add_argument(new)
        verb.set_defaults(func=run)


def whole_number(text: str) -> int:
    """An option's number; its range is checked later.

    Raises ArgumentTypeError, which argparse prints, if it is none.
    """
    try:
        return int(text)
    except ValueError:  # no number, or one of thousands of digits
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number; give one such as 3") from None


def number(text: str) -> float:
    """An option's number, which need not be whole; its range is checked later.

    Raises ArgumentTypeError, which argparse prints, if it is none.
    """
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number; give one such as 0.0005") from None


def add_spec(parser: argparse.ArgumentParser) -> None:
    """Add `--spec`, which `read_spec` reads."""
    parser.add_argument("--spec", required=True, metavar="FILE", help="the spec as JSON; - reads standard input")


def read_spec(source: str) -> Spec:
    """The spec in a file, or on standard input if the source is `-`.

    Raises SpecError if it can't be read or is not valid.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(
            f"the spec {source!r} can't be read ({error}); give a file of JSON, or - for standard input"
        ) from None
    spec = Spec.from_json(text)
    if spec.teacher in BUILT_IN:
        return spec
    from labcore.teacher.location import resolved  # imports the hub's client, which takes a while

    return spec.of_teacher(resolved(spec.teacher))  # one name for one teacher: runs are found by it


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add `--device`, which `use_device` reads."""
    parser.add_argument(
        "--device",
        metavar="NAME",
        help=f"what computes: {', '.join(processor.CHOICES)} (default: {processor.VARIABLE}, or auto, a GPU if "
        "torch finds one)",
    )


def use_device(options: argparse.Namespace) -> None:
    """Let the command compute on the device of `--device`, or else of LAB_DEVICE. Loads torch.

    Raises SpecError if it is unknown, or not in this machine.
    """
    if options.device is None:
        processor.device()
    else:
        processor.choose(options.device)


def check_run_home(home: Path | None) -> None:
    """Raises OSError if runs can't be stored.

    Called first, because torch takes seconds to load, and a teacher longer.
    """
    check_home(home or default_home())
