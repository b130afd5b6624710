"""The searches of this lab: which one the page shows, and the list of the others."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.search.search_files import SearchEntry
from labcore.views.search.search_words import budget_in_words, goal_in_words, state_in_words
from labcore.views.teacher_names import in_markdown
from labcore.views.words import moment
from ui.shell import on_show, server
from ui.shell.guard import callback, escaped
from ui.shell.owner import mine, person, why_not


def chosen_search() -> SearchEntry | None:
    """The search that the address names, with the button for a new one; None if it names none that is here."""
    chosen = on_show.search_id()
    if chosen is None:
        return None
    try:
        entry = server.searches().files.read(chosen)
    except SpecError as error:
        st.warning(f"{escaped(str(error))[:1].upper()}{escaped(str(error))[1:]}.", icon=":material/folder_off:")
        on_show.show_search(None)
        return None
    st.button(
        "New search", key="new-search", icon=":material/add:", on_click=callback(on_show.show_search), args=(None,)
    )
    return entry


def search_list() -> None:
    """Draw the person's searches and those of the lab, newest first; each can be shown or removed."""
    files = server.searches().files
    entries = [each for each in files.all() if mine(each.owner) or each.owner is None]
    if not entries:
        st.info(
            "No search has begun yet. Choose what counts and how long, and press *Search*: its students appear as a "
            "picture that grows, and each training is a run of this lab.",
            icon=":material/manage_search:",
        )
        return
    for entry in entries:
        history = files.history(entry.id)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            words = state_in_words(history, carried_out=files.carried_out(entry.id))
            st.markdown(
                f"**{in_markdown(entry.search.teacher)}**: {goal_in_words(entry.search.goal)}. {words} "
                f"{budget_in_words(entry.search, history)} spent, {len(history.reached('full'))} fully trained. "
                f"Begun {moment(entry.created)}."
            )
            st.button(
                "Show",
                key=f"show-search-{entry.id}",
                icon=":material/visibility:",
                disabled=entry.id == on_show.search_id(),
                on_click=callback(on_show.show_search),
                args=(entry.id,),
            )
            why = why_not(entry.owner, "search", "remove")
            st.button(
                "Remove",
                key=f"remove-search-{entry.id}",
                icon=":material/delete:",
                disabled=why is not None or files.carried_out(entry.id),
                help=why or "Its runs stay.",
                on_click=callback(_remove),
                args=(entry.id,),
            )


def _remove(search_id: str) -> None:
    server.searches().remove(search_id, person())
    if on_show.search_id() == search_id:
        on_show.show_search(None)
