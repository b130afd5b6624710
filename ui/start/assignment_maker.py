"""The form that makes an assignment link for a class: what it begins with, and which settings it fixes or hides."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import streamlit as st

from labcore.config.assignment import MAX_TEXT, MAX_TITLE, Assignment, lockable
from labcore.config.spec import Spec, SpecError
from labcore.guide.pages import NAMES, page_named
from labcore.teacher.built_in import BUILT_IN
from labcore.views.controls import control_in_words
from labcore.views.teacher_names import in_markdown
from labcore.views.words import student_in_words, training_in_words
from ui.shell import state
from ui.shell.address import ASSIGNMENT
from ui.shell.bound import typed
from ui.shell.guard import callback


def assignment_maker() -> None:
    """Draw the form and, once it is complete, the link to the current spec."""
    spec = state.spec()
    _introduction(spec)
    offered = [name for name in lockable() if name != "distil.start"]  # a baseline's start has no control
    left, right = st.columns(2, gap="large")
    with left:
        title = typed(st.text_input, "Title", MAX_TITLE, key="assignment-title", placeholder="How small can it be?")
        text = typed(
            st.text_area,
            "Task for the class",
            MAX_TEXT,
            key="assignment-text",
            height=100,
            placeholder="Move the rank only. At which rank does the student lose three points?",
        )
        page = st.selectbox("Page that it opens", NAMES, 1, key="assignment-page", format_func=_label)
    with right:
        locked = st.multiselect(
            "Locked: visible, but fixed",
            offered,
            key="assignment-locked",
            format_func=control_in_words,
            placeholder="Nothing is locked",
        )
        hidden = st.multiselect(
            "Hidden: not visible, and fixed",
            offered,
            key="assignment-hidden",
            format_func=control_in_words,
            placeholder="Nothing is hidden",
        )
        large = st.toggle("Large type, for a projector", key="assignment-large")
    if title is None or text is None:
        st.caption("Shorten the text that is too long, and the link appears here.")
        return
    if not title.strip():
        st.caption("Give a title, and the link appears here.")
        return
    try:
        assignment = Assignment(
            spec=spec,
            title=title,
            text=text,
            page=page,
            locked=tuple(locked),
            hidden=tuple(hidden),
            large=large,
        )
    except SpecError as error:
        st.error(f"No link: {error}.")
        return
    link = f"{_root()}?{ASSIGNMENT}={quote(assignment.to_json())}"
    st.code(link, language=None, wrap_lines=False)
    st.link_button("Try it in a new tab", link, icon=":material/open_in_new:")


def large_type_switch() -> None:
    """Draw the switch for large type on every page, in this browser and in every browser that opens its address."""
    st.session_state["large-type"] = state.large()
    st.toggle(
        "Large type, for a projector",
        key="large-type",
        on_change=callback(lambda: st.session_state.update(large=st.session_state["large-type"])),
    )


def _introduction(spec: Spec) -> None:
    st.markdown(
        f"Everybody who opens the link begins with your current settings: :orange[**{student_in_words(spec)}**] of "
        f":blue[**{in_markdown(spec.teacher)}**], training: {training_in_words(spec.distil)}, seed {spec.distil.seed}. "
        "The link holds every setting, so a later change of the lab's defaults changes nothing in it."
    )
    if spec.teacher not in BUILT_IN:
        st.caption(
            ":material/info: This teacher is not built in. The link opens only on a lab that has trained with it, "
            "at the same path."
        )


def _root() -> str:
    """The lab's own address as this browser knows it, with the path that a proxy adds."""
    here = urlsplit(st.context.url or "")
    path = here.path.rstrip("/")
    for page in NAMES:
        path = path.removesuffix(f"/{page}")
    return here._replace(path=f"{path}/", query="", fragment="").geturl()


def _label(page: str) -> str:
    known = page_named(page)
    return known.label if known else page
