"""`sweep` and `record`: reference results, from runs of every student of a sweep with several seeds."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.commands.arguments import Commands, add_device, check_run_home, use_device, whole_number
from labcore.config.checks import check_integer
from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec, SpecError
from labcore.results.events import Finished, event_to_dict
from labcore.system.writable import check_file, check_folder

if TYPE_CHECKING:
    from labcore.evaluate.reference import ReferenceResults
    from labcore.runs.store import Store


def add_to(commands: Commands) -> None:
    """Add both commands to the parser."""
    sweep = commands.add_parser(
        "sweep", help="run every student of a sweep with several seeds, and write reference results"
    )
    sweep.add_argument("name", choices=sorted(SWEEPS))
    sweep.add_argument("--seeds", type=whole_number, default=3)
    sweep.add_argument(
        "--teacher", metavar="own:ID", help="a teacher of your own; only with `capacity`, scaled to its sizes"
    )
    sweep.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs; finished ones are not repeated")
    sweep.add_argument("--out", type=Path, metavar="FILE", help="file of the reference results (default: in place)")
    sweep.add_argument("--recorded", action="store_true", help="print the reference results that ship; run nothing")
    add_device(sweep)
    sweep.set_defaults(func=run_sweep)

    every = commands.add_parser("record", help="make all reference results: each sweep, one after another")
    every.add_argument("--seeds", type=whole_number, default=3)
    every.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs")
    add_device(every)
    every.set_defaults(func=run_all)


def run_sweep(options: argparse.Namespace) -> int:
    """Run the sweep, or print its reference results. Raises SpecError or OSError if that is not possible."""
    if options.teacher is not None:
        return _own_sweep(options)
    if options.recorded:
        return _print_reference(options.name)
    return _sweep(options, options.name, options.out)


def run_all(options: argparse.Namespace) -> int:
    """Run every sweep. Raises SpecError or OSError if that is not possible."""
    return max(_sweep(options, name, None) for name in SWEEPS)


def _sweep(options: argparse.Namespace, name: str, out: Path | None) -> int:
    seeds = options.seeds
    check_integer("--seeds", seeds, 1, 100)
    check_run_home(options.home)
    use_device(options)
    from labcore.evaluate import reference
    from labcore.runs import sweep
    from labcore.runs.store import Store

    file = out or reference.FOLDER / f"{name}.json"
    check_folder(file.parent)
    store = Store(options.home)
    _run(SWEEPS[name], seeds, store)
    results = sweep.reference_results_of(name, seeds, store)
    reference.write(results, file)
    print(_in_words(results), file=sys.stderr)
    return 0


def _own_sweep(options: argparse.Namespace) -> int:
    """The sweep for a teacher of your own. Its table is printed; a file is written only if one is named."""
    if options.name != "capacity":
        raise SpecError(f"the sweep {options.name!r} is for the lab's own teachers; give `capacity` with --teacher")
    if options.recorded:
        raise SpecError("no results for a teacher of your own ship with the lab; leave out --recorded")
    check_integer("--seeds", options.seeds, 1, 100)
    check_run_home(options.home)
    use_device(options)
    if options.out is not None:
        check_file(options.out)
    from labcore.evaluate import reference
    from labcore.runs import sweep
    from labcore.runs.own_sweep import capacity_sweep
    from labcore.runs.store import Store

    store, specs = Store(options.home), [spec for pair in capacity_sweep(options.teacher) for spec in pair]
    _run(specs, options.seeds, store)
    results = sweep.reference_results_of(options.name, options.seeds, store, specs, options.teacher)
    if options.out is not None:
        reference.write(results, options.out)
    print(_in_words(results), file=sys.stderr)
    return 0


def _run(specs: Sequence[Spec], seeds: int, store: Store) -> None:
    """Run what is missing, here or on the cluster that LAB_RAY_ADDRESS names, and print each result."""
    from labcore.cluster.cluster_choice import cluster_runs
    from labcore.cluster.cluster_sweep import sweep_on_cluster
    from labcore.runs.sweep import sweep

    cluster = cluster_runs()
    events = sweep(specs, seeds, store) if cluster is None else sweep_on_cluster(specs, seeds, store, cluster)
    for event in events:
        if isinstance(event, Finished):
            print(json.dumps(event_to_dict(event)), flush=True)


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
