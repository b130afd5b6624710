"""Notes about a teacher that is not built in: its path, and whether its files are missing or have changed."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_gone_in_words
from labcore.results.run import Run
from labcore.runs.allowed_teachers import gone_in_words
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.identity import known_identity
from labcore.teacher.own_teachers import is_own
from labcore.views.markdown import escaped
from labcore.views.teacher_names import in_markdown


def show_where(spec: Spec) -> None:
    """Draw the full name or path of a teacher that is not built in, which pages shorten; nothing for a built-in one."""
    if is_own(spec.teacher):
        st.caption(f":material/school: Teacher: {in_markdown(spec.teacher)} · `{spec.teacher}`")
    elif spec.teacher not in BUILT_IN:
        st.caption(f":material/folder: Teacher: {escaped(spec.teacher)}")


def is_here(spec: Spec) -> bool:
    """Whether the spec's teacher is built in or on this machine."""
    return spec.teacher in BUILT_IN or known_identity(spec.teacher) is not None


def show_missing(spec: Spec) -> bool:
    """Draw an error if the spec's teacher is missing; return whether it is."""
    if is_here(spec):
        return False
    words = gone_in_words(spec.teacher)
    st.error(f"{escaped(words[:1].upper() + words[1:])}.", icon=":material/folder_off:")
    return True


def show_changed(run: Run) -> bool:
    """Draw a warning if a run's teacher is missing or has other files now; return whether that is so."""
    if words := teacher_gone_in_words(run):
        st.warning(escaped(words), icon=":material/folder_off:")
    return bool(words)


def show_not_opened(run: Run) -> bool:
    """Draw a note in place of what needs the run's own teacher if that is missing; return whether it is."""
    if gone := bool(teacher_gone_in_words(run)):
        st.info(
            "The teacher of this run is missing, so the lab cannot compute its predictions.",
            icon=":material/folder_off:",
        )
    return gone
