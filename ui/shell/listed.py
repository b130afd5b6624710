"""What the lists of a shared server hold: what is the person's own, what is the lab's, and what a link has named.

On a server for one machine that is everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import streamlit as st

from labcore.data.own.data_store import all_data_sets
from labcore.data.own.data_summary import DataSummary
from labcore.results.run import Run
from labcore.runs.person_acts import has_data
from labcore.runs.visible_runs import as_others_see, shared_runs
from labcore.teacher.own_teachers import OwnTeacher, ready_entries
from ui.shell import on_show, server, state
from ui.shell.owner import mine, person
from ui.shell.sharing import shared

R = TypeVar("R", bound=Run)


def listed(teacher: OwnTeacher) -> bool:
    """Whether a teacher is in the person's lists: their own, the lab's, and that of the current spec."""
    return mine(teacher.owner) or teacher.owner is None or teacher.name == state.spec().teacher


def listed_teachers() -> list[OwnTeacher]:
    """Those that can teach, newest first."""
    return [entry for entry in ready_entries() if listed(entry)]


def listed_data_sets() -> list[DataSummary]:
    """The data sets in the person's list, those of the lab, and that of the current spec."""
    return [
        each
        for each in all_data_sets()
        if has_data(each.owners, person())
        or None in each.owners
        or each.task in (state.spec().task, on_show.data_task())
    ]


def own_runs(runs: Iterable[R]) -> list[R]:
    """The person's own of these runs, and those that the address names."""
    linked = {state.run_id(), *on_show.shown_runs()}
    return [seen(run) for run in runs if mine(run.owner) or run.id in linked]


def seen(run: R) -> R:
    """A run as the person sees it: another's without its name, unless its owner shows that."""
    return run if mine(run.owner) else as_others_see(run, server.store().owners.all())


def choose_whose(runs: Sequence[Run]) -> list[Run]:
    """On a shared server, draw the choice between the person's runs and everybody's; the chosen ones of these runs."""
    if not shared():
        return list(runs)
    chosen = st.segmented_control(
        "Whose runs", ["mine", "everybody's"], default="mine", key="whose-runs", required=True,
        help="Everybody's are yours, those of the lab, and those of people who show their points to the class.",
    )  # fmt: skip
    return own_runs(runs) if chosen == "mine" else listed_runs(runs)


def listed_runs(runs: Iterable[R]) -> list[R]:
    """Those of these runs that are the person's, the lab's, shared by their owners, or named by the address."""
    runs = list(runs)
    kept = {run.id: run for run in shared_runs(runs, server.store().owners.all() if shared() else {})}
    kept |= {run.id: run for run in own_runs(runs)}
    return [kept[run.id] for run in runs if run.id in kept]
