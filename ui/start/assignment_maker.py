"""Make a lesson link: what a class shall begin with, what of it is fixed or hidden, and a few words."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import streamlit as st

from labcore.config.assignment import MOST_TEXT, MOST_TITLE, NAMES, Assignment
from labcore.config.spec import SpecError
from labcore.models.architecture import BUILT_IN
from labcore.views.controls import control_in_words
from labcore.views.teacher_names import in_markdown
from labcore.views.words import student_in_words, training_in_words
from ui.shell import state
from ui.shell.bound import typed
from ui.shell.guard import callback

OFFERED = [name for name in NAMES if name != "distil.start"]  # a baseline's start has no control


def assignment_maker(pages: dict[str, str]) -> None:
    """The form and the link that it makes, of the spec as it stands. pages: the titles that may be opened, by name."""
    spec = state.spec()
    st.markdown(
        f"Who opens the link begins where you are: :orange[**{student_in_words(spec)}**] of :blue[**{in_markdown(spec.teacher)}**], "
        f"seed {spec.distil.seed}, lesson: {training_in_words(spec.distil)}. Every setting is written into it, so it opens the "
        "same lab when the lab's own defaults have changed."
    )
    if spec.teacher not in BUILT_IN:
        st.caption(
            ":material/info: The teacher is one that was brought to this lab: the link opens only where a run has read it, at the "
            "same path."
        )
    left, right = st.columns(2, gap="large")
    with left:
        title = typed(st.text_input, "Title", MOST_TITLE, key="lesson-title", placeholder="How small can it be?")
        text = typed(
            st.text_area,
            "What the class shall do",
            MOST_TEXT,
            key="lesson-text",
            height=100,
            placeholder="Move the rank only. At which rank does the student lose three points?",
        )
        page = st.selectbox("Page that it opens", list(pages), 1, key="lesson-page", format_func=pages.__getitem__)
    with right:
        locked = st.multiselect(
            "Locked: shown, and kept as they are",
            OFFERED,
            key="lesson-locked",
            format_func=control_in_words,
            placeholder="Nothing is locked",
        )
        hidden = st.multiselect(
            "Hidden: not shown, and kept as they are",
            OFFERED,
            key="lesson-hidden",
            format_func=control_in_words,
            placeholder="Nothing is hidden",
        )
        big = st.toggle("Large type, for a projector", key="lesson-large")
    if title is None or text is None:
        st.caption("There is no link while a text is too long.")
        return
    if not title.strip():
        st.caption("Give it a title: then its link is here.")
        return
    try:
        lesson = Assignment(spec, title, text, page, tuple(locked), tuple(hidden), big)
    except SpecError as error:
        st.error(f"No link: {error}.")
        return
    link = f"{_root(list(pages))}?lesson={quote(lesson.to_json())}"
    st.code(link, language=None, wrap_lines=False)
    st.link_button("Try it in a new tab", link, icon=":material/open_in_new:")


def large_type_switch() -> None:
    """Type for a projector, on every page, for this browser and whoever opens its address."""
    st.session_state["large-type"] = state.large()
    st.toggle(
        "Large type, for a projector",
        key="large-type",
        on_change=callback(lambda: st.session_state.update(large=st.session_state["large-type"])),
    )


def _root(pages: list[str]) -> str:
    """The lab's own address as this browser knows it, with what a proxy puts before it."""
    here = urlsplit(st.context.url or "")
    path = here.path.rstrip("/")
    for page in pages:
        path = path.removesuffix(f"/{page}")
    return here._replace(path=f"{path}/", query="", fragment="").geturl()
