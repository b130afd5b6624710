"""The choice of the frontier's axes, and the figures that one of them lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.evaluate.frontier_axes import COSTS, QUALITIES, Axes
from labcore.evaluate.pareto_front import Measurements, without
from labcore.results.run import FinishedRun
from labcore.views.frontier.axis_words import COST_HELP, COST_NAMES, QUALITY_HELP, QUALITY_NAMES
from ui.shell import on_show
from ui.shell.bound import bound

WIDTH = 300  # pixels of a choice: two stand side by side, or on a phone one below the other


def choose_axes() -> Axes:
    """Draw the choice of a cost and of a quality, and return both."""
    now = on_show.axes()
    bound(
        st.selectbox, "frontier-cost", now.cost, lambda cost: replace(on_show.axes(), cost=cost), put=on_show.show_axes,
        label="Cost, on the x-axis", options=COSTS, format_func=COST_NAMES.__getitem__, help=COST_HELP,
        width=WIDTH,
    )  # fmt: skip
    bound(
        st.selectbox, "frontier-quality", now.quality, lambda quality: replace(on_show.axes(), quality=quality),
        put=on_show.show_axes, label="Quality, on the y-axis", options=QUALITIES, format_func=QUALITY_NAMES.__getitem__,
        help=QUALITY_HELP, width=WIDTH,
    )  # fmt: skip
    return now


def left_out(runs: Sequence[FinishedRun], axes: Axes, measured: Measurements) -> None:
    """Draw a sentence for runs that have no point, because an earlier version did not store one of their figures."""
    no_cost, no_quality = without(runs, axes, measured)
    for missing, name in (
        ([] if axes.measured else no_cost, COST_NAMES[axes.cost]),
        (no_quality, QUALITY_NAMES[axes.quality]),
    ):
        if missing:
            has = "run is left out: it has" if len(missing) == 1 else "runs are left out: they have"
            st.caption(
                f":material/visibility_off: {len(missing):,} {has} no figure for *{name}*, because an earlier version "
                "of the lab made them. Their settings run again would have one."
            )
