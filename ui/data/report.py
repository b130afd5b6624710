"""What a data set holds, before anything is trained on it."""

from __future__ import annotations

import streamlit as st

from labcore.data.own.data_report import DataReport
from labcore.views.data.data_tables import classes_table
from labcore.views.words import percent
from ui.shell.guard import escaped


def show_report(report: DataReport) -> None:
    """Draw problems first, then the figures, the warnings, and the classes."""
    for problem in report.problems:
        st.error(escaped(problem), icon=":material/block:")
    if not report.classes:
        return
    with st.container(horizontal=True, key="data-figures"):
        st.metric("Examples", f"{report.examples:,}")
        st.metric("Classes", len(report.classes))
        st.metric(
            "Majority baseline",
            percent(report.majority_accuracy, 1),
            help=f"The accuracy on the test split of always predicting “{escaped(report.majority)}”. A useful model is "
            "above it.",
        )
        st.metric(
            "Standard error",
            f"± {percent(report.standard_error, 1)}",
            help=f"Of an accuracy of {percent(report.standard_error_at)} on the test split. Differences below about "
            "three of these may be chance.",
        )
    split = ", ".join(f"{count:,} {name}" for name, count in report.splits.items())
    by = "by the split column" if report.given else "by a hash of each text, so that they never shift"
    st.caption(f"Splits: {split}, {by}.")
    if left_out := _left_out(report):
        st.caption(f"Of {report.rows:,} rows, {left_out} were left out.")
    for warning in report.warnings:
        st.warning(escaped(warning), icon=":material/warning:")
    with st.expander("Examples of each class", icon=":material/bar_chart:"):
        st.dataframe(classes_table(report.classes), hide_index=True, key="data-classes")


def _left_out(report: DataReport) -> str:
    counts = {
        "empty": report.empty,
        "repeated": report.duplicated,
        "contradictory (the same text with two labels)": report.contradictory,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
