"""Two to four seed groups beside each other: what differs in their settings, their curves, and which is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd
import streamlit as st

from labcore.evaluate.run_groups import RunGroup
from labcore.evaluate.significance import is_significant
from labcore.results.run import FinishedRun, finished_runs
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.evaluate.verdicts import mean_difference_in_words, pair_in_words
from labcore.views.markdown import escaped
from labcore.views.runs.overlaid_curves import Measure, NamedEvents, last_accuracies_in_words, overlaid
from labcore.views.runs.setting_table import setting_table
from labcore.views.words import duration, millions, percent
from ui.runs.downloads import downloads
from ui.shell import server
from ui.shell.chart import chart

LETTERS = "ABCD"


def compare(groups: Sequence[RunGroup], names: Mapping[str, str]) -> None:
    """Draw the comparison."""
    st.header("Side by side")
    lettered = list(zip(LETTERS, groups, strict=False))
    st.dataframe(_figures(lettered, names), hide_index=True, key="compared-figures")
    settings, curves = st.columns(2, gap="large")
    with settings:
        st.subheader("What differs in their settings")
        table = setting_table([group.spec for group in groups], LETTERS[: len(groups)])
        if table.empty:
            st.info("Nothing: they differ in their teacher's files only.")
        else:
            st.dataframe(table, hide_index=True, key="compared-settings")
    with curves:
        _curves(lettered, names)
    _verdicts(lettered)
    downloads([run for group in groups for run in group.runs], "compared")


def _figures(lettered: Sequence[tuple[str, RunGroup]], names: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for letter, group in lettered:
        counts, retention = group.shown.counts, group.retention
        rows.append(
            {
                "": letter,
                "name": names[group.shown.id],
                "test accuracy": accuracy_in_words(group.accuracy),
                "seeds": len(group.seeds),
                "retention": "–" if retention is None else percent(retention, 1),
                "parameters": millions(counts.student.total) if counts else "–",
                "non-zero": millions(counts.student.nonzero) if counts else "–",
                "longest run": duration(max(run.result.seconds for run in group.finished)) if group.finished else "–",
            }
        )
    return pd.DataFrame(rows)


def _curves(lettered: Sequence[tuple[str, RunGroup]], names: Mapping[str, str]) -> None:
    """The curves of the run that stands for each group."""
    st.subheader("Their curves")
    measure: Measure = st.segmented_control(
        "Curve",
        ["accuracy", "loss"],
        default="accuracy",
        key="compared-measure",
        required=True,
        format_func={"accuracy": "validation accuracy", "loss": "total loss"}.__getitem__,
        help="Losses of different terms or weights are not comparable with each other.",
    )
    named = [
        NamedEvents(letter, names[group.shown.id], list(server.store().events(group.shown.id)))
        for letter, group in lettered
    ]
    chart(
        overlaid(named, measure),
        key="compared-curves",
        height=320 + 20 * len(named),
        alt=f"Curves against steps. Last validation accuracy: {last_accuracies_in_words(named)}.",
        awaits="" if any(each.steps for each in named) else "The curves of these runs stand here once they train.",
    )
    if any(len(group.runs) > 1 for _, group in lettered):
        st.caption("Of a group with several runs: the newest that finished.")


def _verdicts(lettered: Sequence[tuple[str, RunGroup]]) -> None:
    """The paired comparison of every two groups of one task that have logits."""
    st.subheader("Which is better?")
    store = server.store()
    finished = finished_runs(run for _, group in lettered for run in group.runs)
    able = [(letter, group.finished[0]) for letter, group in lettered if group.finished]
    able = [(letter, run) for letter, run in able if store.has_logits(run.id)]
    pairs = [pair for pair in combinations(able, 2) if pair[0][1].spec.task == pair[1][1].spec.task]
    if not pairs:
        st.info("No two of them have predicted the same test examples. Choose two finished runs of one task.")
        return
    with st.spinner("Loading torch, once…", show_time=True):
        server.jobs().wait_until_loaded()
    for (a, first), (b, second) in pairs:
        _verdict(a, first, b, second, finished)
    st.caption(
        "McNemar's exact test on the examples that only one of the two predicted correctly; the interval is a paired "
        "bootstrap over the test examples. The page *Evaluate* shows more of each pair."
        + (" With several pairs, one in twenty equal ones looks different by chance." if len(pairs) > 1 else "")
    )


def _verdict(a: str, first: FinishedRun, b: str, second: FinishedRun, finished: Sequence[FinishedRun]) -> None:
    from labcore.runs.paired_comparison import NotComparable, paired_comparison  # imports torch

    try:
        comparison = paired_comparison(first, second, finished, server.store())
    except NotComparable as error:
        st.error(f"{a} and {b} were not compared: {escaped(str(error))}")
        return
    draw = st.success if is_significant(comparison.pair) else st.info
    words = pair_in_words(comparison.pair, a, b)
    if comparison.mean_difference is not None:
        words += " " + mean_difference_in_words(comparison.mean_difference, a, b)
    draw(words, icon=":material/balance:")
