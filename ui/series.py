"""How sure one may be of a run: more seeds of it, and its baselines, each one click."""

from __future__ import annotations

import streamlit as st

from labcore.record import Run
from labcore.runs.series import experiment_of
from labcore.spec import Spec
from labcore.views.series import experiment_table
from ui import state

SEEDS = 3


def series_panel(run: Run) -> None:
    """The run's experiment as a table, and buttons that queue what is missing."""
    experiment = experiment_of(run.spec, state.store().runs())
    st.markdown("**How sure is that?** One run says little: another seed gives another student.")
    st.dataframe(
        experiment_table(experiment),
        hide_index=True,
        column_config={"retention": st.column_config.NumberColumn(format="%.1f %%")},
    )
    st.caption(
        "± is the 95 % interval of the mean over seeds (Student's t); it says nothing of which sentences were drawn. "
        "*No teacher* and *random start* take as many steps as the run, so what they lack is what the teacher gave."
    )
    distilled, *baselines = experiment
    seeds = max(SEEDS, len(distilled.runs) + 1) if len(distilled.runs) >= SEEDS else SEEDS
    with st.container(horizontal=True):
        more = distilled.missing(seeds)
        if st.button(
            f"Run {len(more)} more seed{'s' if len(more) != 1 else ''}",
            key="more-seeds",
            icon=":material/casino:",
            help="The same spec with other seeds: another order of sentences, another random start.",
        ):
            _queue(more)
        lacking = [spec for series in baselines for spec in series.missing(min(len(distilled.runs), SEEDS))]
        if lacking and st.button(
            f"Run {len(lacking)} baseline{'s' if len(lacking) != 1 else ''}",
            key="baselines",
            icon=":material/balance:",
            help="The same student taught by the true labels alone, and the same shapes from a random start.",
        ):
            _queue(lacking)


def _queue(specs: list[Spec]) -> None:
    jobs = state.jobs()
    for spec in specs:
        jobs.submit(spec)
    st.toast(f"{len(specs)} run{'s' if len(specs) != 1 else ''} queued; they begin one after another.")
    st.rerun()
