"""The words that a page is the first to use, each a button that opens what it means; and all of them, to be searched."""

from __future__ import annotations

import streamlit as st

from labcore.guide.glossary import Idea, Term, search, terms_of
from ui.shell.bound import typed
from ui.shell.guard import callback, fragment

MAX_SEARCH = 60  # characters
COLOURS: dict[Idea, str] = {"teacher": "blue", "student": "orange", "hard": "red", "soft": "violet", "hidden": "green"}


def words_of(page: str) -> None:
    """A row of the page's new words."""
    with st.container(key="words", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("New words:", width="content")
        for term in terms_of(page):
            with st.popover(_named(term), type="tertiary", key=f"word-{term.name}"):
                st.markdown(_said(term))
        st.button("All words", key="all-words", type="tertiary", icon=":material/menu_book:", on_click=callback(_open))
    if st.session_state.pop("words_open", False):
        _all_words()


def _open() -> None:
    st.session_state.words_open = True


@st.dialog("All words", icon=":material/menu_book:")
@fragment
def _all_words() -> None:
    text = typed(st.text_input, "Search", MAX_SEARCH, key="words-search", placeholder="temperature")
    if text is None:
        return
    found = sorted(search(text), key=lambda term: term.name.lower()) if not text.strip() else search(text)
    if not found:
        st.info("None of the lab's words has this in it. Try a shorter one.")
    for term in found:
        st.markdown(f"**{_named(term)}**  \n{_said(term)}")


def _said(term: Term) -> str:
    return term.says + (f" [Source]({term.source})" if term.source else "")


def _named(term: Term) -> str:
    """The term in its idea's colour."""
    return f":{COLOURS[term.idea]}[{term.name}]" if term.idea else term.name
