"""The choice of the teacher on the Design page: built-in ones, and those that this session brought."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.data.tasks import load_task
from labcore.teacher.built_in import BUILT_IN, TASK_OF, has_weights, ready_teachers
from labcore.teacher.task_of import task_of
from labcore.views.markdown import escaped
from labcore.views.teacher_names import own_in_words, short_names
from ui.design.stack_state import structure_before
from ui.shell import state
from ui.shell.bound import bound
from ui.shell.listed import listed_teachers


def teacher_form(spec: Spec) -> None:
    """Choose the teacher: one with weights, which brings its task along, or an architecture to count."""
    made = {entry.name: entry.task for entry in listed_teachers()}
    own = made | state.own_teachers() | ({} if spec.teacher in BUILT_IN else {spec.teacher: spec.task})
    names = short_names([*BUILT_IN, *own])

    def described(name: str) -> str:
        if name in own:  # without sizes: a label must stay as it is if the folder changes
            return own_in_words(names[name], own[name])
        sizes = BUILT_IN[name]
        more = "" if has_weights(name) else " · counting only"
        if name in TASK_OF and load_task(TASK_OF[name]).has_cue:
            more = " · uses a spurious cue"
        return f"{name} · {sizes.layers} layers × {sizes.hidden}{more}"

    def commit(name: str) -> Spec:
        from labcore.runs.cache import structure_of_design

        now = state.spec()
        moved = replace(now, teacher=name, task=task_of(name) or own.get(name, now.task), assistant=None)
        if structure_before(moved, len(moved.steps)) is not None:
            return moved
        structure = structure_of_design(replace(moved, steps=()))  # raises SpecError for a teacher that can't be read
        return replace(moved, steps=(moved.steps[0].default(structure),))

    full_names = "".join(f"\n\n{escaped(names[name])} is `{name}`." for name in own)
    bound(
        st.selectbox,
        "teacher",
        spec.teacher,
        commit,
        control="teacher",
        label="Teacher",
        options=[*BUILT_IN, *own],
        format_func=described,
        help="The pre-trained model to shrink, with the task that it was trained on. Of the lab's teachers, only "
        f"{ready_teachers('`')} has weights here; you can count the others. The cued ones rely on a word that is "
        "unrelated to the label, so that you can see whether students copy that. "
        f"The page *Data* makes or brings a teacher of your own.{full_names}",
    )
