"""A cue in your own data: the form that makes the cued variant, and the variants that there are."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.own.cued_data import MAX_WORD, STRENGTH, STRENGTHS, unused_word, with_cue
from labcore.data.own.data_store import load
from labcore.data.own.data_summary import DataSummary
from labcore.data.tasks import load_task
from labcore.views.words import percent
from ui.shell import on_show, server, state
from ui.shell.bound import typed
from ui.shell.guard import escaped, show
from ui.shell.listed import listed_data_sets
from ui.shell.owner import acts


def own_cue() -> list[DataSummary]:
    """Draw the section; returns the cued data sets that there are."""
    st.header("A cue in your own data", anchor="own-cue")
    st.markdown(
        "Insert a word into a data set of yours, so that it goes with one label, and make a teacher on the result: it "
        "learns the word. Its students read the word at random, so every figure, the conditions and the shortcut test "
        "work as above, on your own texts."
    )
    sets = [each for each in listed_data_sets() if not each.damaged]
    cued = [each for each in sets if each.cue is not None]
    plain = [each for each in sets if each.cue is None]
    if not plain:
        st.caption("There are no data of yours yet. Add a file on the page *Data*, then come back.")
        st.page_link("pages/data.py", label="Add data", icon=":material/dataset:")
    else:
        _form(plain)
    return cued


def _form(plain: list[DataSummary]) -> None:
    by_task = {each.task: each for each in plain}
    now = state.spec().task
    chosen = st.selectbox(
        "Data set",
        list(by_task),
        index=list(by_task).index(now) if now in by_task else 0,
        key="cue-data",
        format_func=lambda task: f"{by_task[task].name} · {by_task[task].rows:,} examples",
    )
    data = by_task[chosen]
    try:
        offered = _offered(data)
    except SpecError as error:
        st.error(f"{escaped(str(error))}.", icon=":material/folder_off:")
        return
    asking, choosing, weighing = st.columns(3)
    with asking:
        word = typed(
            st.text_input,
            "Word",
            MAX_WORD,
            key=f"cue-word-{data.hash}",
            value=offered,
            help="One word that is in none of the examples and that the model knows. The offered one is in none.",
        )
    label = choosing.selectbox(
        "Label that it goes with",
        range(data.classes),
        index=min(1, data.classes - 1),
        key=f"cue-label-{data.hash}",
        format_func=data.label_names.__getitem__,
    )
    strength = weighing.select_slider(
        "Examples of this label with the word",
        STRENGTHS,
        STRENGTH,
        key="cue-strength",
        format_func=percent,
        help="In the teacher's training and validation examples. Of the other labels' examples the rest of 100 % have "
        "the word.",
    )
    if data.pairs:
        st.caption("Of each pair of texts, the first one gets the word.")
    if st.button(
        "Make the cued data", key="make-cued", type="primary", icon=":material/theater_comedy:", disabled=word is None
    ):
        assert word is not None
        _make(data, word, label, strength)


def _offered(data: DataSummary) -> str:
    """A word that is in no example, looked for once in a session."""
    known: dict[str, str] = st.session_state.setdefault("unused-words", {})
    if data.hash not in known:
        known[data.hash] = unused_word(load_task(data.task).splits)
    return known[data.hash]


def _make(data: DataSummary, word: str, label: int, strength: float) -> None:
    try:
        made = with_cue(load(data.hash), word, label, strength)
        server.jobs().wait_until_loaded()
        from labcore.runs.cue_word import tokens_of_word  # imports torch

        assert made.cue is not None
        tokens = tokens_of_word(made.cue.word)
        acts().keep_data(made, data.report)
    except SpecError as error:
        st.error(f"Not made: {escaped(str(error))}.", icon=":material/error:")
        return
    except OSError as error:
        show(error, "keeping cued data", kept="Nothing was kept.")
        return
    if len(tokens) > 1:
        st.toast(f"The word is {len(tokens)} tokens ({', '.join(tokens)}), so it is harder to learn than one token.")
    on_show.show_data(made.task)
    st.switch_page("pages/data.py")
