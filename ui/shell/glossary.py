"""The terms that a page introduces, each a button that opens its definition; and the searchable glossary of all."""

from __future__ import annotations

import streamlit as st

from labcore.guide.glossary import search, terms_of
from labcore.guide.term import Idea, Term
from ui.shell.bound import typed
from ui.shell.guard import callback, fragment

MAX_SEARCH = 60  # characters
COLOURS: dict[Idea, str] = {"teacher": "blue", "student": "orange", "hard": "red", "soft": "violet", "hidden": "green"}


def page_terms(page: str) -> None:
    """Draw a row of the terms that the page introduces; nothing for a page that introduces none."""
    terms = terms_of(page)
    if terms:
        with st.container(key="words", horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("New terms:", width="content")
            for term in terms:
                with st.popover(_coloured(term), type="tertiary", key=f"word-{term.name}"):
                    st.markdown(_definition(term))
            icon = ":material/menu_book:"
            st.button("Glossary", key="all-words", type="tertiary", icon=icon, on_click=callback(_open))
    if st.session_state.pop("glossary_open", False):
        _glossary()


def _open() -> None:
    st.session_state.glossary_open = True


@st.dialog("Glossary", icon=":material/menu_book:")
@fragment
def _glossary() -> None:
    text = typed(st.text_input, "Search", MAX_SEARCH, key="words-search", placeholder="temperature")
    if text is None:
        return
    terms = search(text) if text.strip() else sorted(search(text), key=lambda term: term.name.lower())
    if not terms:
        st.info("The glossary has no entry with this text. Try a shorter one.")
    for term in terms:
        st.markdown(f"**{_coloured(term)}**  \n{_definition(term)}")


def _definition(term: Term) -> str:
    return term.definition + (f" [Source]({term.source})" if term.source else "")


def _coloured(term: Term) -> str:
    """The term's name in its idea's colour."""
    return f":{COLOURS[term.idea]}[{term.name}]" if term.idea else term.name
