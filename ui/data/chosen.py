"""The task that the page *Data* shows: one of yours, a built-in one, or a new one to be added."""

from __future__ import annotations

import streamlit as st

from labcore.data.own.data_set import TASK_PREFIX
from labcore.data.own.data_store import all_data_sets, is_own_data
from labcore.data.tasks import TASKS
from labcore.teacher.own_teachers import all_entries
from labcore.views.words import millions
from ui.shell import on_show
from ui.shell.guard import callback
from ui.shell.listed import listed, listed_data_sets

NEW = "new"
CHOICE = "data-choice"


def choose_task() -> str:
    """Draw the choice of a task; its name, or NEW."""
    sets = {each.task: each for each in listed_data_sets()}
    built_in = [task.name for task in TASKS if not task.has_cue]
    here = {each.task for each in all_data_sets()}
    of_teachers = {entry.task for entry in all_entries() if is_own_data(entry.task) and listed(entry)}
    gone = of_teachers - here
    options = [NEW, *sets, *sorted(gone), *built_in]
    now = on_show.data_task()
    if now not in options:
        if now is not None and now.startswith(TASK_PREFIX):
            st.warning(
                f"The data set `{now.removeprefix(TASK_PREFIX)[:40]}` is not on this machine. Bring its file again "
                "here: the same file, read in the same way, has the same name.",
                icon=":material/folder_off:",
            )
        now = NEW
    if st.session_state.get(CHOICE) != now:
        st.session_state[CHOICE] = now

    def described(name: str) -> str:
        if name == NEW:
            return "Add a data set …"
        if name in sets:
            each = sets[name]
            return (
                each.name if each.damaged else f"{each.name} · {millions(each.rows)} examples, {each.classes} classes"
            )
        return f"{name} · removed; its teachers are here" if name in gone else f"{name} · built in"

    st.selectbox(
        "Data set",
        options,
        key=CHOICE,
        index=options.index(now),
        format_func=described,
        on_change=callback(_chose),
        help="Labelled examples. A teacher is fine-tuned on them, and its students learn them. Yours stay on this "
        "machine, in "
        "the lab's home, until you remove them.",
    )
    return now


def _chose() -> None:
    chosen = st.session_state[CHOICE]
    on_show.show_data(None if chosen == NEW else chosen)
