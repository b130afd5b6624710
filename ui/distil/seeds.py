"""How sure one may be of a run: more seeds of it, and its baselines, each one click."""

from __future__ import annotations

import streamlit as st

from labcore.config.ineffective import starts_random
from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_gone_in_words
from labcore.evaluate.seed_groups import seed_group_of
from labcore.results.run import Run
from labcore.views.evaluate.seed_table import seed_table
from ui.shell import state
from ui.shell.guard import queued

SEEDS = 3


def seed_panel(run: Run) -> None:
    """The run's experiment as a table, and buttons that queue what is missing."""
    experiment = seed_group_of(run.spec, state.store().runs(), like=run)  # of the teacher that it had
    distilled, *baselines = experiment
    known = len(distilled.runs) > 1 or any(series.runs for series in baselines)
    with st.expander("How sure is that? Seeds and baselines", icon=":material/casino:", expanded=known):
        st.markdown(
            "One run says little: another seed gives another student. And only beside the same student taught *without* "
            "the teacher does it show what the teacher gave."
        )
        st.dataframe(seed_table(experiment), hide_index=True)
        st.caption(
            "± is the 95 % interval of the mean over seeds (Student's t); which sentences the test split drew is not in it. "
            "Baselines last as many steps as the run, or as many seconds where it is counted in those."
        )
        if starts_random(run.spec):
            st.caption(
                ":material/info: This student starts at random already, so the baseline with a random start would be this very run."
            )
        if teacher_gone_in_words(run):
            st.caption(
                ":material/folder_off: The teacher that it was distilled from is not here, so it can have no more seeds and baselines."
            )
            return
        more = distilled.missing(max(SEEDS, len(distilled.runs) + 1))
        lacking = [spec for series in baselines for spec in series.missing(min(len(distilled.runs), SEEDS))]
        with st.container(horizontal=True):
            if st.button(
                f"Run {_many(more, 'more seed')}",
                key="more-seeds",
                icon=":material/casino:",
                help="The same spec with other seeds: another order of sentences, another random start.",
            ):
                _queue(more)
            if lacking and st.button(
                f"Run {_many(lacking, 'baseline')}",
                key="baselines",
                icon=":material/balance:",
                help="The same student taught by the true labels alone, and the same shapes from a random start.",
            ):
                _queue(lacking)


def _many(specs: list[Spec], what: str) -> str:
    return f"{len(specs)} {what}{'s' if len(specs) != 1 else ''}"


def _queue(specs: list[Spec]) -> None:
    if queued(*specs) is None:
        return
    st.toast(f"{_many(specs, 'run')} queued; they begin one after another.")
    st.rerun()
