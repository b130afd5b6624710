"""The uncertainty of a run: more seeds of it, and its baselines, with one click each."""

from __future__ import annotations

import streamlit as st

from labcore.config.ineffective import starts_random
from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_gone_in_words
from labcore.evaluate.seed_groups import group_and_baselines
from labcore.results.run import Run
from labcore.views.evaluate.seed_table import seed_table
from ui.shell import server
from ui.shell.guard import queued
from ui.shell.listed import listed_runs

SEEDS = 3


def seed_panel(run: Run) -> None:
    """The run's seeds and baselines as a table, and buttons that queue the missing ones."""
    groups = group_and_baselines(run.spec, listed_runs(server.store().runs()), like=run)  # with the teacher that it had
    distilled, *baselines = groups
    started = len(distilled.runs) > 1 or any(group.runs for group in baselines)
    with st.expander("Uncertainty: seeds and baselines", icon=":material/casino:", expanded=started):
        st.markdown(
            "Another seed gives another student, so one run proves little. To measure what the teacher adds, compare "
            "with the same student trained *without* a teacher."
        )
        st.dataframe(seed_table(groups), hide_index=True)
        st.caption(
            "± is the 95 % interval of the mean over seeds (Student's t). It does not include the choice of test "
            "examples. Baselines have as many steps as the run, or as many seconds if its length is in seconds."
        )
        if starts_random(run.spec):
            st.caption(
                ":material/info: This student starts at random already, so the random-start baseline would be the "
                "same run."
            )
        if teacher_gone_in_words(run):
            st.caption(":material/folder_off: Its teacher's files are not here, so you can't add seeds or baselines.")
            return
        more = distilled.missing(max(SEEDS, len(distilled.runs) + 1))
        missing = [spec for group in baselines for spec in group.missing(min(len(distilled.runs), SEEDS))]
        with st.container(horizontal=True):
            if st.button(
                f"Run {_many(more, 'more seed')}",
                key="more-seeds",
                icon=":material/casino:",
                help="The same spec with other seeds: another order of the examples, another random initialisation.",
            ):
                _queue(more)
            if missing and st.button(
                f"Run {_many(missing, 'baseline')}",
                key="baselines",
                icon=":material/balance:",
                help="The same student trained without a teacher, and the same architecture from a random start.",
            ):
                _queue(missing)


def _many(specs: list[Spec], noun: str) -> str:
    return f"{len(specs)} {noun}{'s' if len(specs) != 1 else ''}"


def _queue(specs: list[Spec]) -> None:
    if queued(*specs) is None:
        return
    st.toast(f"{_many(specs, 'run')} queued; they run one after another.")
    st.rerun()
