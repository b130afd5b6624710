"""The paired comparison of a finished run with another: which is better, or no significant difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from labcore.evaluate.significance import SIGNIFICANCE_LEVEL, is_significant
from labcore.results.run import FinishedRun
from labcore.views.evaluate.evaluation_tables import pair_table
from labcore.views.evaluate.verdicts import mean_difference_in_words, pair_in_words, seeds_in_words
from labcore.views.markdown import escaped
from labcore.views.run_names import run_names
from ui.evaluate.run_choice import run_in_words, trained_in_words
from ui.shell import server


def paired_form(run: FinishedRun, finished: Sequence[FinishedRun]) -> None:
    """Draw the choice of another run of the same task, and the verdict."""
    st.header("Paired comparison with another student")
    store = server.store()
    if not store.has_logits(run.id):
        st.info(
            "This run has no stored logits, so you can't compare it. Run its settings again.", icon=":material/history:"
        )
        return
    others = {
        other.id: other
        for other in finished
        if other.id != run.id and other.spec.task == run.spec.task and store.has_logits(other.id)
    }
    names = run_names([run, *others.values()])
    if not others:
        st.info(
            "There is no other finished run of this task to compare with. Distil a second student, or another seed."
        )
        return
    if st.session_state.get("compared") not in others:
        st.session_state.compared = next(iter(others))
    chosen = st.selectbox(
        "Against",
        list(others),
        key="compared",
        format_func=lambda other: run_in_words(others[other], names[other]),
    )
    _verdict(run, others[chosen], finished, names)


def _verdict(
    first: FinishedRun, second: FinishedRun, finished: Sequence[FinishedRun], names: Mapping[str, str]
) -> None:
    from labcore.runs.paired_comparison import NotComparable, paired_comparison  # imports torch

    try:
        comparison = paired_comparison(first, second, finished, server.store())
    except NotComparable as error:
        st.error(f"Not compared: {error}")
        return
    a, b = (f":orange[**{escaped(names[run.id])}**], seed {run.spec.distil.seed}" for run in (first, second))
    st.markdown(f"**A** is {a}; **B** is {b}.")
    st.caption(f"A: {trained_in_words(first.spec)}. B: {trained_in_words(second.spec)}.")
    draw = st.success if is_significant(comparison.pair) else st.info
    draw(pair_in_words(comparison.pair, "A", "B"), icon=":material/balance:")
    st.dataframe(pair_table(comparison.pair, "A", "B"), hide_index=True, key="who-is-right")
    st.caption(
        "The paired comparison is McNemar's exact test, on the examples that only one got right. p is the probability "
        "that a fair coin splits them as unevenly or more. "
        f"Below {SIGNIFICANCE_LEVEL:g} the difference is significant. "
        "The interval is a paired bootstrap over the test examples."
    )
    if comparison.first.n + comparison.second.n > 2:
        st.markdown(
            f"**Over seeds:** A's design {seeds_in_words(comparison.first)}; B's {seeds_in_words(comparison.second)}.",
            help="The mean test accuracy of the runs that differ only in their seed, with its 95 % interval "
            "(Student's t).",
        )
        if comparison.mean_difference is not None:
            st.markdown(mean_difference_in_words(comparison.mean_difference, "A", "B"))
