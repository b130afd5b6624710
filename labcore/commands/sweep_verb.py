"""`sweep` and `record`: reference results, from runs of every student of a sweep with several seeds."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.commands.arguments import Commands, check_run_home, whole_number
from labcore.config.checks import check_integer
from labcore.config.presets import SWEEPS
from labcore.config.spec import SpecError
from labcore.results.events import Finished, event_to_dict
from labcore.system.writable import check_folder

if TYPE_CHECKING:
    from labcore.evaluate.reference import ReferenceResults


def add_to(commands: Commands) -> None:
    """Add both commands to the parser."""
    sweep = commands.add_parser(
        "sweep", help="run every student of a sweep with several seeds, and write reference results"
    )
    sweep.add_argument("name", choices=sorted(SWEEPS))
    sweep.add_argument("--seeds", type=whole_number, default=3)
    sweep.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs; finished ones are not repeated")
    sweep.add_argument("--out", type=Path, metavar="FILE", help="file of the reference results (default: in place)")
    sweep.add_argument("--recorded", action="store_true", help="print the reference results that ship; run nothing")
    sweep.set_defaults(func=run_sweep)

    every = commands.add_parser("record", help="make all reference results: each sweep, one after another")
    every.add_argument("--seeds", type=whole_number, default=3)
    every.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs")
    every.set_defaults(func=run_all)


def run_sweep(options: argparse.Namespace) -> int:
    """Run the sweep, or print its reference results. Raises SpecError or OSError if that is not possible."""
    if options.recorded:
        return _print_reference(options.name)
    return _sweep(options.name, options.seeds, options.home, options.out)


def run_all(options: argparse.Namespace) -> int:
    """Run every sweep. Raises SpecError or OSError if that is not possible."""
    return max(_sweep(name, options.seeds, options.home, None) for name in SWEEPS)


def _sweep(name: str, seeds: int, home: Path | None, out: Path | None) -> int:
    check_integer("--seeds", seeds, 1, 100)
    check_run_home(home)
    from labcore.evaluate import reference
    from labcore.runs import sweep
    from labcore.runs.store import Store

    file = out or reference.FOLDER / f"{name}.json"
    check_folder(file.parent)
    store = Store(home)
    for event in sweep.sweep(SWEEPS[name], seeds, store):
        if isinstance(event, Finished):
            print(json.dumps(event_to_dict(event)), flush=True)
    results = sweep.reference_results_of(name, seeds, store)
    reference.write(results, file)
    print(_in_words(results), file=sys.stderr)
    return 0


def _print_reference(name: str) -> int:
    from labcore.evaluate.reference import reference_results

    results = reference_results(name)
    if results is None:
        raise SpecError(f"the sweep {name!r} has no reference results; python -m labcore sweep {name} makes them")
    print(_in_words(results))
    return 0


def _in_words(results: ReferenceResults) -> str:
    from labcore.views.reference_tables import tables
    from labcore.views.tables import markdown

    head = f"Test accuracy ± its 95 % interval over seeds, {results.origin}"
    return "\n\n".join([head, *(markdown(table) for table in tables(results))])
