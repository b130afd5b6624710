"""`run`: derive and distil a spec's student, one JSON object for each event."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from labcore.commands.arguments import Commands, add_device, add_spec, check_run_home, read_spec, use_device
from labcore.commands.notes import print_ineffective
from labcore.config.ineffective import chain_with_paths, check_effective
from labcore.config.spec import Spec
from labcore.results.events import Event, Finished, Preparing, TrainStep, event_to_dict


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("run", help="derive and distil a spec's student; prints one JSON object a line")
    add_spec(parser)
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs (default: LAB_HOME, or .lab)")
    add_device(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Run the spec and the assistants that it needs.

    Raises SpecError or OSError before any run if that is not possible.
    """
    spec = read_spec(options.spec)
    check_run_home(options.home)
    use_device(options)
    _check(spec)
    for path, each in chain_with_paths(spec):
        print_ineffective(each, path)
    print_events(_events(spec, options.home))
    return 0


def _check(spec: Spec) -> None:
    """Raises SpecError if the spec or an assistant can't be carried out, so that it leaves no run behind."""
    from labcore.runs.cache import calibration_for, counted
    from labcore.runs.execute import check_trainable
    from labcore.runs.memory import check_memory_to_train
    from labcore.runs.teacher_check import check_teacher

    check_effective(spec)
    for each in spec.chain:
        check_trainable(each)
        check_memory_to_train(each, calibration_for(each.teacher, each.task))
        check_teacher(each.teacher, each.task)
        counted(each)


def _events(spec: Spec, home: Path | None) -> Iterator[Event]:
    from labcore.cluster.cluster_choice import execution
    from labcore.runs.assistants import chain_to_run
    from labcore.runs.store import Store

    store, execute = Store(home), execution()
    for each in chain_to_run(spec, store):
        yield from execute(each, store.create(each), store)


def print_events(events: Iterator[Event]) -> None:
    """Print events as they come, with a progress bar on standard error if that is a terminal."""
    from tqdm import tqdm

    with tqdm(disable=not sys.stderr.isatty(), unit="step", leave=False) as bar:
        for event in events:
            print(json.dumps(event_to_dict(event)), flush=True)
            if isinstance(event, Preparing):
                bar.set_description("the teacher's logits")
                bar.total, bar.n = event.total, event.done
            elif isinstance(event, TrainStep):
                bar.set_description("training")
                bar.total, bar.n = event.steps, event.step
            elif isinstance(event, Finished):
                for finding in event.findings:
                    tqdm.write(f"note: {finding.words}", file=sys.stderr)
            bar.refresh()
