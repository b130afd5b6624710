"""The form that makes an assignment link for a class: what it begins with, and which settings it fixes or hides."""

from __future__ import annotations

import streamlit as st

from labcore.config.assignment import MAX_TEXT, MAX_TITLE, Assignment
from labcore.config.spec import Spec, SpecError
from labcore.guide.pages import NAMES, page_named
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.own_teachers import is_own
from labcore.views.teacher_names import in_markdown
from labcore.views.words import student_in_words, training_in_words
from ui.shell import state
from ui.shell.bound import typed
from ui.shell.guard import callback
from ui.start.class_link import class_link
from ui.start.class_time import show_class_time
from ui.start.fixed_settings import fixed_settings


def assignment_maker() -> None:
    """Draw the form and, once it is complete, the time that a class needs and the link to the current spec."""
    spec = state.spec()
    _introduction(spec)
    left, right = st.columns(2, gap="large")
    with left:
        title = typed(
            st.text_input,
            f"Title, at most {MAX_TITLE} characters",
            MAX_TITLE,
            key="assignment-title",
            placeholder="How small can it be?",
        )
        text = typed(
            st.text_area,
            f"Task for the class, at most {MAX_TEXT} characters",
            MAX_TEXT,
            key="assignment-text",
            height=100,
            placeholder="Move the rank only. At which rank does the student lose three points?",
        )
        page = st.selectbox("Page that it opens", NAMES, 1, key="assignment-page", format_func=_label)
        large = st.toggle("Large type, for a projector", key="assignment-large")
    with right:
        fixed = fixed_settings()
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
            locked=fixed.locked,
            hidden=fixed.hidden,
            large=large,
        )
    except SpecError as error:
        st.error(f"No link: {error}.")
        return
    show_class_time(spec, page)
    class_link(assignment)


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
    if is_own(spec.teacher):
        st.caption(
            ":material/info: This teacher is your own. The link opens on this lab only, which has the teacher and its "
            "data. Submissions of the exercise are graded on a machine that has both."
        )
    elif spec.teacher not in BUILT_IN:
        st.caption(
            ":material/info: This teacher is not built in. The link opens only on a lab that has trained with it, "
            "at the same path."
        )


def _label(page: str) -> str:
    known = page_named(page)
    return known.label if known else page
