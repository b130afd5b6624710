"""The teachers of a task: built-in ones and your own, each with what you can do with it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers
from labcore.evaluate.chance import above_chance
from labcore.results.run import MAX_NAME
from labcore.teacher.built_in import TASK_OF
from labcore.teacher.own_teachers import OwnTeacher
from labcore.views.data.teacher_words import accuracy_in_words, origin_in_words
from ui.data.making import making_curves
from ui.shell import server, state
from ui.shell.guard import callback, escaped, show
from ui.shell.listed import listed
from ui.shell.owner import acts, mine, why_not
from ui.shell.popover import close_popover, closing_popover


def teacher_list(task: str, *, usable: bool = True) -> int:
    """Draw the task's teachers, the newest first; how many of them can teach. usable: whether the task is here."""
    own = [
        teacher
        for teacher in server.jobs().teachers.all()
        if teacher.task == task and not teacher.active and listed(teacher)
    ]
    built_in = [name for name, of in TASK_OF.items() if of == task]
    for teacher in own:
        _own(teacher, usable)
    for name in built_in:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":blue[**teacher** `{name}`] · built in")
            _design_button(name, task)
    return len(built_in) + sum(teacher.status == "ready" for teacher in own)


def _own(teacher: OwnTeacher, usable: bool) -> None:
    with st.container(border=True, key=f"teacher-{teacher.id}"):
        st.markdown(f":blue[**{escaped(teacher.title)}**] · {escaped(origin_in_words(teacher))}")
        if teacher.status == "ready":
            st.markdown(f"Accuracy: **{accuracy_in_words(teacher)}**")
            made = teacher.figures
            if made is not None and not above_chance(made.accuracy, made.majority, made.examples):
                st.warning(
                    "It is not clearly better than always predicting the most frequent class, so its students have "
                    "nothing to learn from it. Make another one with more epochs, or with more examples.",
                    icon=":material/trending_flat:",
                )
        elif teacher.status == "failed":
            st.error(f"It could not be made: {escaped(teacher.error or 'unknown reason')}")
        else:
            st.warning(f"It was {teacher.status} before its end, so it can't teach.")
        with st.container(horizontal=True):
            if teacher.status == "ready":
                _design_button(teacher.name, teacher.task, primary=True, usable=usable)
            elif teacher.finetuning is not None and mine(teacher.owner):
                st.button(
                    "Make it again",
                    key=f"again-{teacher.id}",
                    icon=":material/replay:",
                    on_click=callback(_again),
                    args=(teacher.id,),
                )
            if mine(teacher.owner):
                _rename(teacher)
                _removal(teacher)
        if teacher.finetuning is not None:
            with st.expander("Curves of its fine-tuning", icon=":material/show_chart:"):
                making_curves(teacher, list(server.jobs().teachers.events(teacher.id)))
        if why := why_not(teacher.owner, "teacher", "rename or remove"):
            st.caption(f":material/lock_person: {why}")
        st.caption(f"In a spec and on the command line: `{teacher.name}`")


def _design_button(teacher: str, task: str, *, primary: bool = False, usable: bool = True) -> None:
    if st.button(
        "Design a student",
        key=f"design-{teacher}",
        type="primary" if primary else "secondary",
        icon=":material/architecture:",
        disabled=not usable,
    ):
        try:
            state.change(_first_student(teacher, task))
        except SpecError as error:
            show(error, "a student of this teacher")
            return
        state.show_run(None)
        st.switch_page("pages/design.py")


def _first_student(teacher: str, task: str) -> Spec:
    """The student to begin with: half of its layers."""
    from labcore.runs.cache import structure_of_design

    server.jobs().wait_until_loaded()
    copied = Spec(teacher=teacher, task=task)
    return replace(copied, steps=(KeepLayers.default(structure_of_design(copied)),))


def _again(teacher_id: str) -> None:
    acts().make_teacher_again(teacher_id)


def _rename(teacher: OwnTeacher) -> None:
    menu = f"rename-{teacher.id}"
    field = f"{menu}-{teacher.title}"
    with (
        closing_popover(menu, "Rename", width="content", icon=":material/edit:"),
        st.form(f"{menu}-form", border=False),
    ):
        st.text_input("Name of the teacher", teacher.title, key=field, help=f"At most {MAX_NAME} characters.")
        if (error := st.session_state.pop(f"{menu}-refused", None)) is not None:
            st.error(f"Not renamed: {escaped(error)}.")
        st.form_submit_button(
            "Save", key=f"{menu}-save", on_click=callback(_take_title), args=(teacher.id, menu, field)
        )


def _take_title(teacher_id: str, menu: str, field: str) -> None:
    try:
        acts().rename_teacher(teacher_id, st.session_state[field])
    except SpecError as error:
        st.session_state[f"{menu}-refused"] = str(error)
        return
    close_popover(menu)


def _removal(teacher: OwnTeacher) -> None:
    with closing_popover(f"remove-{teacher.id}", "Remove", width="content", icon=":material/delete:"):
        runs = sum(run.spec.teacher == teacher.name for run in server.store().runs())
        kept = f" Runs of it: {runs:,}. They stay, and can't be run again." if runs else ""
        files = " The folder itself stays." if teacher.source else " Its files are deleted."
        st.markdown(f"The lab forgets this teacher.{files}{kept}")
        st.button(
            "Remove the teacher",
            key=f"remove-yes-{teacher.id}",
            on_click=callback(_remove),
            args=(teacher.id,),
        )


def _remove(teacher_id: str) -> None:
    acts().remove_teacher(teacher_id)
    st.toast("The teacher was removed.")
