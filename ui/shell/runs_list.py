"""Finished runs as a table, with their names and the length of their training."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.run import Run
from labcore.views.grouped_numbers import grouped_numbers
from labcore.views.tables import runs_table


def runs_list(runs: Sequence[Run]) -> None:
    """Draw the table of the finished runs."""
    forms = ("%.1f %%", "%.1f", "%.0f s")
    fraction, one_digit, seconds = (st.column_config.NumberColumn(format=form) for form in forms)
    columns = {
        **dict.fromkeys(("size", "accuracy", "retention", "agreement"), fraction),
        "epochs": one_digit,
        "seconds": seconds,
    }
    table = grouped_numbers(runs_table(runs), ("parameters", "non-zero", "steps"))
    st.dataframe(table, hide_index=True, column_config=columns)
