"""Runs in the tour's panel: your own as they grow, and the reference results, which play meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from labcore.config.tour_students import ARMS
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.tour_results import CurvePoint, mean_curve
from labcore.guide.tour.stop import Compare, Stop
from labcore.results.run import FinishedRun, Run
from labcore.views.distil.time_left import progress
from labcore.views.tour.tour_curves import arm_curves
from ui.shell.chart import chart
from ui.shell.guard import fragment
from ui.shell.queue_notes import place_of
from ui.shell.run_events import events_so_far
from ui.tour.session import arms_of, runs_of, shown_run, student, validations_of

REFRESH = 1.0  # seconds between two drawings
PLAYED = 1.5  # seconds after which the recorded curve shows one point more


def labels_of(stop: Stop) -> dict[str, str]:
    """What the panel calls each arm of a stop."""
    if isinstance(stop.act, Compare):
        return dict(zip(stop.act.arms, stop.act.labels, strict=True))
    return {arm: "your student" if arm == "yours" else arm for arm in arms_of(stop)}


def watch_arms(stop: Stop, reference: ReferenceResults | None) -> None:
    """Draw the runs of a stop's arms: every second while one of them is active."""
    active = any(run.active for run in _runs(stop).values())
    if active:
        st.session_state.setdefault("tour-playing", {}).setdefault(stop.name, time.monotonic())
    st.fragment(fragment(_draw), run_every=REFRESH if active else None)(stop, reference, active)


def _runs(stop: Stop) -> Mapping[str, Run]:
    """The runs of a stop by arm; for its own training, the run that the browser shows."""
    if arms_of(stop) == ("yours",):
        run = shown_run()
        return {} if run is None else {"yours": run}
    return runs_of(arms_of(stop))


def _draw(stop: Stop, reference: ReferenceResults | None, was_active: bool) -> None:
    runs = _runs(stop)
    if was_active and not any(run.active for run in runs.values()):
        st.rerun()  # a fragment can't end its own timer
    labels = labels_of(stop)
    for arm, run in runs.items():
        _standing(labels[arm], run)
    yours = {labels[arm]: validations_of(runs[arm]) if arm in runs else [] for arm in labels}
    figures = {labels[arm]: _played(stop, mean_curve(reference, arm) if reference else []) for arm in labels}
    chart(
        arm_curves(yours, figures, max(ARMS[arm](student()).distil.steps or 0 for arm in labels)),
        key="tour-curves",
        height=280,
        alt="Validation accuracy against training steps: "
        + ", ".join(labels.values())
        + "; dashed: reference results.",
    )


def _played(stop: Stop, curve: list[CurvePoint]) -> list[CurvePoint]:
    """The recorded curve as far as it has played."""
    since = st.session_state.get("tour-playing", {}).get(stop.name)
    return curve if since is None else curve[: 1 + int((time.monotonic() - since) / PLAYED)]


def _standing(label: str, run: Run) -> None:
    """One line on a run: its progress, its place in the queue, or its end."""
    if isinstance(run, FinishedRun):
        return
    if not run.active:
        st.caption(f"{label}: this run ended without a result ({run.status}).")
        return
    if run.status == "running":
        now = progress(events_so_far(run.id), run.spec.distil.seconds)
        st.progress(now.fraction, f"{label}: {now.words}")
    elif (words := place_of(run.id)) is not None:
        st.caption(f":material/hourglass_top: {label}: {words} The recorded curve plays.")
    else:
        st.caption(f":material/hourglass_top: {label}: starting.")
