"""`resume`: go on with a run that ended early, one JSON object for each event."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from labcore.commands.arguments import Commands, add_device, check_run_home, use_device
from labcore.commands.run_verb import print_events
from labcore.config.spec import SpecError
from labcore.results.events import Event


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("resume", help="go on with a run that ended early; prints one JSON object a line")
    parser.add_argument("run", metavar="RUN", help="the run's id, which its first line and its page show")
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs (default: LAB_HOME, or .lab)")
    add_device(parser)
    parser.set_defaults(func=resume)


def resume(options: argparse.Namespace) -> int:
    """Go on with the run, from its checkpoint or else from the start.

    Raises SpecError or OSError if that is not possible.
    """
    check_run_home(options.home)
    use_device(options)
    print_events(_events(options.run, options.home))
    return 0


def _events(run_id: str, home: Path | None) -> Iterator[Event]:
    from labcore.cluster.cluster_choice import execution
    from labcore.runs.resuming import reopened
    from labcore.runs.store import RunNotFound, Store

    store, execute = Store(home), execution()
    try:
        queued = reopened(run_id, store)
    except RunNotFound:
        raise SpecError(f"there is no run {run_id!r} in {store.home}; give the id of a run that ended early") from None
    for each, spec in queued:
        yield from execute(spec, each, store)
