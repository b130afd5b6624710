"""A finished run against another: who is better, or whether chance can't be ruled out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from labcore.results.run import FinishedRun
from labcore.views.evaluate.evaluation_charts import pair_table
from labcore.views.evaluate.verdicts import groups_in_words, pair_in_words, seeds_in_words
from labcore.views.markdown import escaped
from labcore.views.teacher_names import teacher_column
from ui.evaluate.evaluation import run_in_words, trained_in_words
from ui.shell import state


def paired_form(run: FinishedRun, finished: Sequence[FinishedRun]) -> None:
    """Choose another run of the same task, and see the verdict."""
    st.header("Compare with another student")
    store = state.store()
    if not store.has_logits(run.id):
        st.info("This run kept no answers, so it can't be compared; run its settings again.", icon=":material/history:")
        return
    others = {
        other.id: other
        for other in finished
        if other.id != run.id and other.spec.task == run.spec.task and store.has_logits(other.id)
    }
    teachers = teacher_column([run, *others.values()])
    if not others:
        st.info(
            "There is no other finished run of this task to compare with. Distil a second student, or another seed."
        )
        return
    if st.session_state.get("rival") not in others:
        st.session_state.rival = next(iter(others))
    rival = others[
        st.selectbox(
            "Against",
            list(others),
            key="rival",
            format_func=lambda other: run_in_words(others[other], teachers.get(other)),
        )
    ]
    _verdict(run, rival, finished, teachers)


def _verdict(run: FinishedRun, rival: FinishedRun, finished: Sequence[FinishedRun], teachers: Mapping[str, str]) -> None:
    from labcore.runs.paired_comparison import NotComparable, paired_comparison

    try:
        found = paired_comparison(run, rival, finished, state.store())
    except NotComparable as error:
        st.error(f"Not compared: {error}")
        return
    a, b = (trained_in_words(one.spec, escaped(teachers.get(one.id, ""))) for one in (run, rival))
    st.markdown(f"**A** is :orange[{a}], **B** {b}.")
    tell = st.success if found.pair.p < 0.05 else st.info
    tell(pair_in_words(found.pair, "A", "B"), icon=":material/balance:")
    st.dataframe(pair_table(found.pair, "A", "B"), hide_index=True, key="who-is-right")
    st.caption(
        "p is McNemar's exact test: how often a fair coin would share out the sentences that only one got right at least so "
        "unevenly. Below 0.05 the lab calls it a difference. The interval is a paired bootstrap over the test sentences."
    )
    if found.first.n + found.second.n > 2:
        st.markdown(
            f"**Over seeds:** A's design {seeds_in_words(found.first)}; B's {seeds_in_words(found.second)}.",
            help="The mean test accuracy of the runs that differ in nothing but the seed, with its 95 % interval (Student's t).",
        )
        if found.groups is not None:
            st.markdown(groups_in_words(found.groups, "A", "B"))
