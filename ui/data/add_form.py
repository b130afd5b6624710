"""A new data set: a file or pasted rows, how they are read, what they hold, and the button that keeps them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.data.own.limits import KEPT_DRAFT_HOURS, MAX_BYTES, MAX_NAME, MIN_PER_CLASS, DataError, limits_in_words
from ui.data.columns_form import columns_form, format_form
from ui.data.draft import REFUSED, Chosen, Draft, begin_draft, draft, drop_draft
from ui.data.report import show_report
from ui.data.summary import note_once
from ui.data.tokens_form import tokens_form
from ui.shell import on_show
from ui.shell.attention import bring_into_view
from ui.shell.bound import typed
from ui.shell.guard import callback, escaped
from ui.shell.owner import acts

ROWS = "data-rows"  # the container of the preview


def add_form() -> None:
    """Draw the form, as far as it goes with what was given."""
    now = draft()
    if now is None:
        _source()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/description: **{escaped(now.name)}** · {len(now.content) / 1e3:,.0f} kB")
        st.button("Another file", key="data-other", icon=":material/close:", on_click=callback(drop_draft))
    if on_show.draft_id() is None:
        st.caption("The lab's home does not take this file, so a reload of the page loses it.")
    else:
        st.caption(
            f"The lab keeps this file for {KEPT_DRAFT_HOURS} hours, so a reload of the page goes on with it and its "
            "columns. *Another file* removes it."
        )
    with st.container(key=ROWS):
        _read(now)


def _source() -> None:
    """A file or a text field, with the limits told before."""
    if words := st.session_state.get(REFUSED):
        st.error(escaped(words), icon=":material/error:")
    source = st.segmented_control(
        "From", ["file", "paste"], default="file", key="data-source", required=True,
        format_func={"file": "a file", "paste": "pasted rows"}.__getitem__,
    )  # fmt: skip
    if source == "file":
        tries = st.session_state.get("data_tries", 0)
        st.file_uploader(
            "A file of labelled examples: CSV, TSV, JSONL or Parquet",
            key=f"data-upload-{tries}",
            max_upload_size=MAX_BYTES // 1_000_000,
            on_change=callback(_uploaded),
            args=(f"data-upload-{tries}",),
        )
    else:
        with st.form("data-paste-form", border=False):
            st.text_area(
                "Rows with a text and a label",
                key="data-pasted",
                height=200,
                placeholder="text,label\nThe parcel came broken.,complaint\nWhere is my order?,question",
                help="As copied from a spreadsheet, or as CSV or JSONL.",
            )
            st.form_submit_button(
                "Read these rows", key="data-read", icon=":material/table_rows:", on_click=callback(_pasted)
            )
    st.caption(limits_in_words())


def _uploaded(key: str) -> None:
    """Take the file over, and drop Streamlit's own copy of it."""
    file = st.session_state[key]
    if file is None:
        return
    begin_draft(file.name, file.getvalue())
    st.session_state.data_tries = st.session_state.get("data_tries", 0) + 1
    bring_into_view(ROWS)


def _pasted() -> None:
    text = st.session_state["data-pasted"]
    begin_draft("pasted rows", text.encode("utf-8", "replace"))
    bring_into_view(ROWS)


def _read(now: Draft) -> None:
    """From the file's format to the button that keeps the data set."""
    file_format = format_form(now)
    if file_format is None:
        return
    try:
        table = now.table(file_format)
    except DataError as error:
        st.error(f"It can't be read in this way: {escaped(str(error))}.", icon=":material/error:")
        return
    columns = columns_form(now, table)
    if columns is None:
        return
    chosen = Chosen(file_format, columns)
    now.note(chosen)
    try:
        with st.spinner("Counting…", show_time=True):
            report = now.report(chosen)
        if small := [each for each in report.classes if each.total < MIN_PER_CLASS]:
            chosen = replace(chosen, leave_out_small=_leave_out(now, len(small)))
            report = now.report(chosen)
    except DataError as error:
        st.error(f"{escaped(str(error))}.", icon=":material/error:")
        return
    show_report(report)
    if report.problems:
        return
    max_tokens = tokens_form(now, chosen)
    name = typed(
        st.text_input,
        "Name of the data set",
        MAX_NAME,
        key=f"data-name-{now.id}",
        value=now.title,
        help="Everybody who uses this lab sees it.",
    )
    if st.button("Keep this data set", key="data-keep", type="primary", icon=":material/save:", disabled=name is None):
        assert name is not None
        made, report = now.made(chosen, max_tokens)
        made = replace(made, name=name)
        kept = acts().keep_data(made, now.with_token_warnings(report, chosen, max_tokens))
        if kept.name != made.name:
            note_once(
                made.task,
                f"These examples were here already, under the name “{escaped(kept.name)}”, which stays. Everybody who "
                "uses this lab sees it; *Rename* changes it.",
            )
        drop_draft()
        on_show.show_data(made.task)
        st.rerun()


def _leave_out(draft: Draft, small: int) -> bool:
    """Draw the choice to go on without the classes that have too few examples."""
    classes = "class that has" if small == 1 else f"{small} classes that have"
    return st.toggle(f"Leave out the {classes} fewer than {MIN_PER_CLASS} examples", key=f"data-small-{draft.id}")
