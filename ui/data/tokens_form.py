"""How many tokens of an example are read: a limit, beside what the data need."""

from __future__ import annotations

import streamlit as st

from labcore.views.words import percent
from ui.data.draft import Chosen, Draft
from ui.shell import server
from ui.shell.guard import escaped

OFFERED = (32, 64, 128, 256, 512)


def tokens_form(draft: Draft, chosen: Chosen) -> int:
    """Draw the token lengths and the limit; the limit."""
    with st.spinner("Counting tokens…", show_time=True):
        server.jobs().wait_until_loaded()
        suggested = draft.suggested(chosen)
    limit: int = st.select_slider(
        "Tokens of an example that are read",
        OFFERED,
        suggested,
        key=f"data-tokens-{draft.id}",
        help="A longer example is cut. Time and memory grow with the limit, so take no more than most examples need.",
    )
    report = draft.tokens(chosen, limit)
    unknown = "" if report.unknown is None else f" {percent(report.unknown, 1)} of the tokens are unknown ([UNK])."
    st.caption(
        f"In the tokens of the lab's MiniLM, half of the examples have at most {report.median:,}, 95 % at most "
        f"{report.most_of_95:,}, and the longest has {report.longest:,}. A limit of {limit} cuts "
        f"{percent(report.truncated, 1)} of them.{unknown}"
    )
    for warning in report.warnings:
        st.warning(escaped(warning), icon=":material/warning:")
    return limit
