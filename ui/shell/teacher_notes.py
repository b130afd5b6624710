"""What a page says of a teacher that somebody brought: where it is, that it is gone, or that its files were replaced."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_gone_in_words
from labcore.models.architecture import BUILT_IN
from labcore.results.record import Run
from labcore.runs.allowed_teachers import gone_in_words
from labcore.teacher.identity import known_identity
from labcore.views.markdown import escaped


def show_where(spec: Spec) -> None:
    """The whole path of a brought teacher, which pages call by its end; nothing for a built-in one."""
    if spec.teacher not in BUILT_IN:
        st.caption(f":material/folder: Teacher: {escaped(spec.teacher)}")


def is_here(spec: Spec) -> bool:
    """Whether the spec's teacher is built in, or on this machine."""
    return spec.teacher in BUILT_IN or known_identity(spec.teacher) is not None


def show_missing(spec: Spec) -> bool:
    """An error if the spec's teacher is not there any more; returns whether that is so."""
    if is_here(spec):
        return False
    words = gone_in_words(spec.teacher)
    st.error(f"{escaped(words[:1].upper() + words[1:])}.", icon=":material/folder_off:")
    return True


def show_changed(run: Run) -> bool:
    """A warning if a run's teacher is gone, or is not the one that it was distilled from; returns whether that is so."""
    if words := teacher_gone_in_words(run):
        st.warning(escaped(words), icon=":material/folder_off:")
    return bool(words)


def show_not_opened(run: Run) -> bool:
    """Below such a warning, in place of what needs the run's own teacher; returns whether it is not there."""
    if gone := bool(teacher_gone_in_words(run)):
        st.info(
            "The teacher that it was distilled from is not here, so nothing is asked.", icon=":material/folder_off:"
        )
    return gone
