"""`search`: the smallest student that is as good as you ask; progress in words, the result as one JSON object."""

from __future__ import annotations

import argparse
import json
import re
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.commands.arguments import Commands, add_device, check_run_home, number, use_device, whole_number
from labcore.config.checks import SpecError, check_between, check_integer, check_number, shown
from labcore.search.search_settings import (
    MAX_POINTS,
    MAX_SECONDS,
    MAX_STEPS,
    MIN_SECONDS,
    MIN_STEPS,
    SIZES,
    Goal,
    SearchSettings,
)

if TYPE_CHECKING:
    from labcore.search.search_driver import Driver
    from labcore.search.search_files import SearchEntry, SearchFiles

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "search", help="search for the smallest student within some points of its teacher; prints one JSON object"
    )
    parser.add_argument("--task", default="reviews", help="the task (default: reviews)")
    parser.add_argument("--teacher", help="the teacher: its name or its folder (default: the task's own)")
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument("--within", type=number, metavar="POINTS", help="of accuracy below the teacher (default: 2)")
    goal.add_argument("--limit", type=number, metavar="SIZE", help="the most accurate student of at most this size")
    parser.add_argument("--size", choices=SIZES, default="parameters", help="how size is measured")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--budget", metavar="TIME", help="such as 20m, 90s or 1h (default: 20m)")
    budget.add_argument("--steps", type=whole_number, help="a budget of optimiser steps: the search is deterministic")
    parser.add_argument("--seed", type=whole_number, default=0)
    parser.add_argument("--random", action="store_true", help="propose designs by chance, for a comparison")
    parser.add_argument("--resume", metavar="ID", help="go on with a search; the other options but --home are left out")
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs (default: LAB_HOME, or .lab)")
    add_device(parser)
    parser.set_defaults(func=search)


def search(options: argparse.Namespace) -> int:
    """Search, and print the result. Raises SpecError or OSError before any work if that is not possible."""
    wanted = None if options.resume else _wanted(options)
    check_run_home(options.home)
    use_device(options)
    from labcore.runs.store import Store
    from labcore.search.search_driver import Driver
    from labcore.search.search_files import SearchFiles

    store = Store(options.home)
    files = SearchFiles(store.home)
    entry = _begun(wanted, files) if wanted is not None else _resumed(options.resume, files)
    driver = Driver(entry, store, files)
    if wanted is None:
        driver.become("running")
    try:
        return _carried_out(driver)
    finally:
        files.release(entry.id)


def seconds_of(text: str) -> float:
    """The seconds of a time such as `20m`. Raises SpecError if it is none, or out of range."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([smh]?)\s*", text)
    if match is None:
        raise SpecError(f"--budget is {shown(text)}; give a time such as 20m, 90s or 1h")
    seconds = float(match[1]) * UNITS[match[2]]
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise SpecError(f"--budget is {shown(text)}; give a time from {MIN_SECONDS}s to {MAX_SECONDS // 3600}h")
    return seconds


def _wanted(options: argparse.Namespace) -> SearchSettings:
    from labcore.data.tasks import load_task
    from labcore.search.usual_training import usual_search
    from labcore.teacher.built_in import BUILT_IN

    if options.within is not None:
        check_between("--within", options.within, 0, MAX_POINTS)
    if options.limit is not None:
        check_number("--limit", options.limit, 0.0, above=True)
    if options.steps is not None:
        check_integer("--steps", options.steps, MIN_STEPS, MAX_STEPS)
    check_integer("--seed", options.seed, 0, 2**31 - 1)
    seconds = None if options.steps is not None else seconds_of(options.budget or "20m")
    within = 2.0 if options.within is None and options.limit is None else options.within
    teacher = options.teacher
    if teacher is None:
        teachers = load_task(options.task).teachers
        if not teachers:
            raise SpecError(f"task {shown(options.task)} has no teacher of its own; give one by --teacher")
        teacher = teachers[0].teacher
    elif teacher not in BUILT_IN and Path(teacher).expanduser().is_dir():
        teacher = str(Path(teacher).expanduser().resolve())  # a search may be resumed from another folder
    return usual_search(
        teacher=teacher,
        task=options.task,
        goal=Goal(size=options.size, within=within, limit=options.limit),
        seconds=seconds,
        steps=options.steps,
        seed=options.seed,
        proposals="random" if options.random else "tpe",
    )


def _begun(wanted: SearchSettings, files: SearchFiles) -> SearchEntry:
    from labcore.config.spec import Spec
    from labcore.runs.execute import check_trainable
    from labcore.runs.teacher_check import check_teacher

    check_trainable(Spec(teacher=wanted.teacher, task=wanted.task))
    check_teacher(wanted.teacher, wanted.task)
    return files.create(wanted)


def _resumed(search_id: str, files: SearchFiles) -> SearchEntry:
    entry = files.read(search_id)
    if files.history(search_id).state == "finished":
        raise SpecError(f"search {search_id} has finished; begin another one")
    files.hold(search_id)
    return entry


def _carried_out(driver: Driver) -> int:
    from labcore.cluster.cluster_choice import execution
    from labcore.results.events import TrainStep
    from labcore.search.carry_out import carry_out
    from labcore.search.outcome import outcome_of
    from labcore.views.search.search_words import event_in_words, outcome_in_words

    status = 0
    _say(f"search {driver.entry.id}; go on after a stop by --resume {driver.entry.id}")
    try:
        with closing(carry_out(driver, execution())) as events:
            for event in events:
                if (words := event_in_words(event, driver.search, driver.history)) is not None:
                    _say(words)
                elif isinstance(event, TrainStep):
                    _progress(event.step, event.steps)
    except KeyboardInterrupt:
        driver.become("paused")
        status = 130
    outcome = outcome_of(driver.search, driver.history, driver.store)
    _say(outcome_in_words(driver.search, driver.history, outcome))
    result = {"search": driver.entry.id, "state": driver.history.state, "spent": driver.history.spent}
    print(json.dumps(result | {"outcome": outcome and outcome.to_dict()} | _specs(driver)), flush=True)
    return status


def _specs(driver: Driver) -> dict[str, object]:
    from labcore.search.halving import spec_of
    from labcore.search.ranking import Ranking

    best = None if driver.history.teacher is None else Ranking(driver.search, driver.history).best_so_far()
    return {"spec": None if best is None else spec_of(driver.search, best, "full").to_dict()}


def _say(words: str) -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    print(words, file=sys.stderr, flush=True)


def _progress(step: int, steps: int) -> None:
    if sys.stderr.isatty():
        print(f"\r  step {step} of {steps}", end="", file=sys.stderr, flush=True)
