"""How a file is read, and which columns count: a guess, its preview, and controls that correct it."""

from __future__ import annotations

import streamlit as st

from labcore.data.own.columns import Columns, guess_columns
from labcore.data.own.encodings import ENCODINGS
from labcore.data.own.file_format import DELIMITERS, KINDS, MAX_ABOVE, FileFormat
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table
from labcore.views.data.data_tables import PREVIEWED, preview
from ui.data.draft import Draft
from ui.shell.guard import escaped

NONE = "none"
KIND_NAMES = {"csv": "CSV or TSV", "jsonl": "JSON lines", "parquet": "Parquet"}


def format_form(draft: Draft) -> FileFormat | None:
    """Draw how the file is read, guessed first; the format, or None after an error."""
    guessed, key = draft.guessed, draft.id
    names = {sign: name for name, sign in DELIMITERS.items()}
    with st.expander("How the file is read: change it if the rows below look wrong", icon=":material/tune:"):
        kind = st.selectbox(
            "Kind of file", KINDS, KINDS.index(guessed.kind), key=f"data-kind-{key}", format_func=KIND_NAMES.__getitem__
        )
        if kind == "parquet":
            return FileFormat("parquet")
        encoding = st.selectbox(
            "Encoding",
            ENCODINGS,
            ENCODINGS.index(guessed.encoding),
            key=f"data-encoding-{key}",
            help="Wrong letters such as Ã© or � show that it is another one. Spreadsheets on Windows write cp1252.",
        )
        if kind == "jsonl":
            return FileFormat("jsonl", encoding=encoding)
        delimiters = list(dict.fromkeys([*DELIMITERS.values(), guessed.delimiter]))
        delimiter = st.selectbox(
            "Delimiter",
            delimiters,
            delimiters.index(guessed.delimiter),
            key=f"data-delimiter-{key}",
            format_func=lambda sign: names.get(sign, sign),
        )
        header = st.toggle("The first row names the columns", guessed.header, key=f"data-header-{key}")
        above = st.number_input(
            "Lines above the table", 0, MAX_ABOVE, guessed.lines_above, key=f"data-above-{key}",
            help="Titles and notes before the first row.",
        )  # fmt: skip
    st.caption(f"Read as CSV or TSV · {encoding} · {names.get(delimiter, delimiter)}")
    try:
        return FileFormat("csv", encoding=encoding, delimiter=delimiter, header=header, lines_above=int(above))
    except DataError as error:
        st.error(f"{escaped(str(error))}.", icon=":material/error:")
        return None


def columns_form(draft: Draft, table: Table) -> Columns | None:
    """Draw which columns count, guessed first, above the first rows; the columns, or None after an error."""
    if not table.rows:
        st.error("The table has no rows.", icon=":material/error:")
        return None
    names = list(table.columns)
    try:
        guessed = _chosen_before(draft, table) or guess_columns(table)
    except DataError as error:
        st.error(f"{escaped(str(error))}.", icon=":material/error:")
        _show_rows(table, Columns(names[0], ""))
        return None
    key = f"{draft.id}-{abs(hash(table.columns)) % 10**6}"
    optional = [NONE, *names]

    def at(name: str | None) -> int:
        return optional.index(name) if name in optional else 0

    with st.container(horizontal=True):
        text = st.selectbox("Text", names, names.index(guessed.text), key=f"data-text-{key}")
        label = st.selectbox(
            "Label", names, names.index(guessed.label), key=f"data-label-{key}",
            help="The class of each text. It is read as text, exactly as in the file.",
        )  # fmt: skip
        text_b = st.selectbox(
            "Second text", optional, at(guessed.text_b), key=f"data-text-b-{key}", format_func=_optional,
            help="For pairs, such as a premise and a hypothesis, or a question and a passage.",
        )  # fmt: skip
        split = st.selectbox(
            "Split", optional, at(guessed.split), key=f"data-split-{key}", format_func=_optional,
            help="A column that says which rows are for training, validation and test. Without one, a hash of each "
            "text decides.",
        )  # fmt: skip
    try:
        columns = Columns(text, label, None if text_b == NONE else text_b, None if split == NONE else split)
    except DataError as error:
        st.error(f"{escaped(str(error))}.", icon=":material/error:")
        return None
    _show_rows(table, columns)
    return columns


def _chosen_before(draft: Draft, table: Table) -> Columns | None:
    """The columns that were chosen before a reload, if the table has them."""
    try:
        if draft.columns is not None:
            draft.columns.check(table)
    except DataError:
        return None
    return draft.columns


def _optional(name: str) -> str:
    return "–" if name == NONE else name


def _show_rows(table: Table, columns: Columns) -> None:
    st.dataframe(preview(table, columns), hide_index=True, key="data-preview", height=280)
    few = min(PREVIEWED, len(table.rows))
    st.caption(f"The first {few} of {len(table.rows):,} rows; long cells are cut here only.")
