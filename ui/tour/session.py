"""The tour in a browser session: its journal, the runs of its arms, and the facts that a stop looks at."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.config.tour_students import ARMS, STUDENT
from labcore.evaluate.reference import ReferenceResults, reference_results
from labcore.guide.tour.journal import Journal
from labcore.guide.tour.stop import Change, Choose, Compare, Distil, Facts, ReferenceFigures, Stop
from labcore.results.events import Validation
from labcore.results.run import FinishedRun, Run
from labcore.runs.journals import load_journal, save_journal
from labcore.runs.store import RunNotFound
from ui.shell import server, state
from ui.shell.owner import person
from ui.shell.run_events import events_so_far

CHOSEN = "tour-chosen"


def journal() -> Journal:
    """This person's journal: of the session, else the one whose id the address has, else a new one."""
    known: Journal | None = st.session_state.get("journal")
    if known is None:
        given = state.journal_id()
        with suppress(OSError):  # the page shows what is wrong with the home
            known = load_journal(given, server.store(), person()) if given else None
        known = known or Journal(id=secrets.token_hex(8))
        st.session_state.journal, st.session_state.journal_id = known, known.id
    return known


def keep(changed: Journal) -> None:
    """Keep a changed journal: in the session, and on disk if the disk takes it."""
    if changed == st.session_state.get("journal"):
        return
    st.session_state.journal = changed
    with suppress(OSError):  # the page shows what is wrong with the home; the session has the journal
        save_journal(changed, server.store(), person())


def forget() -> None:
    """Begin a new journal; the old one stays on disk, and its address opens it."""
    for name in ("journal", "journal_id", CHOSEN):
        st.session_state.pop(name, None)


def student() -> Spec:
    """Your student: the one that you distilled on the tour, else the tour's own."""
    return journal().student or STUDENT


def choose(stop: str, value: float) -> None:
    """Take the value that you chose or measured at a stop."""
    st.session_state[CHOSEN] = {**st.session_state.get(CHOSEN, {}), stop: value}


def arms_of(stop: Stop) -> tuple[str, ...]:
    """The arms whose runs a stop looks at."""
    match stop.act:
        case Compare():
            return stop.act.arms
        case Choose():
            return stop.act.needs
        case Distil():
            return ("yours",)
        case _:
            return ()


def runs_of(arms: Collection[str]) -> dict[str, Run]:
    """The run of each arm that this lab has: a finished one before an active one, the newest first."""
    if not arms:
        return {}
    runs = [run for run in server.store().runs() if isinstance(run, FinishedRun) or run.active]
    matches = {}
    for arm in arms:
        spec = ARMS[arm](student())
        equal = [run for run in runs if run.spec == spec]
        if equal:
            matches[arm] = max(equal, key=lambda run: (isinstance(run, FinishedRun), run.created))
    return matches


def shown_run() -> Run | None:
    """The run that the browser shows; None if this lab does not have it."""
    run = state.run_id()
    try:
        return server.store().read(run) if run else None
    except RunNotFound:
        return None


def validations_of(run: Run) -> list[Validation]:
    """The validations of a run so far."""
    return [event for event in events_so_far(run.id) if isinstance(event, Validation)]


def facts(stop: Stop) -> Facts:
    """What the session holds now, as far as this stop looks at it."""
    match stop.act:
        case Change():
            return Facts(spec=state.spec(), ratio=_ratio(state.spec()))
        case Distil():
            return _distilled()
        case _:
            return replace(_of_arms(stop), chosen=_chosen(stop))


def _ratio(spec: Spec) -> float | None:
    from ui.design.counts import counts_of

    counts = counts_of(spec)
    return None if isinstance(counts, SpecError) else counts.ratio


def _distilled() -> Facts:
    """The facts of the run that the browser shows, if it has finished."""
    run = shown_run()
    if not isinstance(run, FinishedRun):
        return Facts(spec=state.spec())
    accuracies = [each.accuracy for each in validations_of(run)]
    return Facts(
        spec=run.spec,
        accuracies={"yours": run.result.accuracy},
        validations=(accuracies[0], max(accuracies)) if accuracies else None,
    )


def _of_arms(stop: Stop) -> Facts:
    runs = {arm: run for arm, run in runs_of(arms_of(stop)).items() if isinstance(run, FinishedRun)}
    if isinstance(stop.act, Compare) and stop.name not in journal().begun:
        runs = {}  # an equal run of somebody else is no act of yours
    return Facts(
        spec=state.spec(),
        accuracies={arm: run.result.accuracy for arm, run in runs.items()},
        ratios={arm: run.counts.ratio for arm, run in runs.items()},
    )


def _chosen(stop: Stop) -> Mapping[str, float]:
    chosen: dict[str, Any] = dict(st.session_state.get(CHOSEN, {}))
    if isinstance(stop.act, Choose) and stop.act.control and st.session_state.get(stop.act.control) is not None:
        chosen[stop.name] = float(st.session_state[stop.act.control])
    if (reference := reference_of_tour()) is not None:
        chosen["teacher accuracy"] = reference.runs[0].result.teacher_accuracy
    return chosen


def reference_of_tour() -> ReferenceResults | None:
    """The reference results of the tour; None if this lab lacks some of its arms."""
    from labcore.evaluate.tour_results import has_every_arm

    reference = reference_results("tour")
    return reference if reference is not None and has_every_arm(reference) else None


def figures_of_tour() -> ReferenceFigures | None:
    """What the reference results show of the tour's claims; None if this lab lacks some of them.

    It takes about 100 ms, so only what shows them asks for them.
    """
    from labcore.evaluate.tour_results import reference_figures

    tour, mimicry, capacity = reference_of_tour(), reference_results("mimicry"), reference_results("capacity")
    if tour is None or mimicry is None or capacity is None:
        return None
    return reference_figures(tour, mimicry=mimicry, capacity=capacity)


def observe(stop: Stop) -> bool:
    """Write into the journal what the session shows of this stop now; whether the journal has changed."""
    before, seen = journal(), facts(stop)
    own = stop.measured(seen)
    if own is None:
        return False
    after = before.measured(stop.name, own)
    if isinstance(stop.act, Distil):
        after = replace(after, student=seen.spec)
    keep(after)
    return after != before
