"""The chosen task: what it holds, its link, and for one of yours its name and its removal."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.own.data_store import all_data_sets, hash_in, summary
from labcore.data.own.data_summary import DataSummary
from labcore.data.tasks import load_task
from labcore.runs.person_acts import has_data
from labcore.teacher.own_teachers import all_entries
from labcore.views.data.data_tables import classes_of, classes_table
from labcore.views.words import percent
from ui.data.report import show_report
from ui.shell import on_show, server
from ui.shell.guard import callback, escaped
from ui.shell.owner import acts, owner, person, why_not
from ui.shell.popover import close_popover, closing_popover

NOTE = "data-note"  # in the session: a task, and what to state of it until another one is shown
RENAME, REMOVE, FIELD, REFUSED = "data-rename", "data-remove", "data-new-name", "data-rename-refused"


def note_once(task: str, words: str) -> None:
    """State this above the task, as Markdown, until another one is shown."""
    st.session_state[NOTE] = (task, words)


def show_summary(name: str) -> bool:
    """Draw the task; whether it can be used."""
    noted, words = st.session_state.get(NOTE, ("", ""))
    if noted == name:
        st.info(words, icon=":material/info:")
    else:
        st.session_state.pop(NOTE, None)
    try:
        task, own = load_task(name), hash_in(name)
        known = None if own is None else summary(own)
    except SpecError as error:
        st.error(f"{escaped(str(error))}.", icon=":material/folder_off:")
        damaged = next((each for each in all_data_sets() if each.task == name and each.damaged), None)
        if damaged and has_data(damaged.owners, person()):
            _removal(damaged.hash, name)
        return False
    if known is None:
        splits = ", ".join(f"{len(examples):,} {split}" for split, examples in task.splits.items())
        st.caption(f"Built in · splits: {splits} · at most {task.max_tokens} tokens of each example are read.")
        with st.expander("Examples of each class", icon=":material/bar_chart:"):
            st.dataframe(classes_table(classes_of(task.splits, task.label_names)), hide_index=True, key="data-classes")
        return True
    _own(known)
    return True


def _own(known: DataSummary) -> None:
    pairs = "pairs of texts · " if known.pairs else ""
    yours = "Yours · " if has_data(known.owners, person()) else ""
    st.caption(f"{yours}{pairs}at most {known.max_tokens} tokens of each example are read · `{known.task}`")
    if known.cue is not None:
        label = escaped(known.label_names[known.cue.label])
        st.info(
            f"These data have a cue: the word “{known.cue.word}” goes with the label {label}. A teacher made here "
            f"reads it in {percent(known.cue.strength or 0.0)} of that label's examples and learns it. Students and "
            "the test split have it at random.",
            icon=":material/theater_comedy:",
        )
    if known.report is not None:
        show_report(known.report)
    if not has_data(known.owners, person()):
        whose = next(iter(known.owners - {None}), None)
        st.caption(f":material/lock_person: {why_not(whose, 'data set', 'rename or remove')}")
        return
    with st.container(horizontal=True):
        with (
            closing_popover(RENAME, "Rename", width="content", icon=":material/edit:"),
            st.form("data-rename-form", border=False),
        ):
            st.text_input("Name of the data set", known.name, key=f"{FIELD}-{known.hash}-{known.name}")
            if (error := st.session_state.pop(REFUSED, None)) is not None:
                st.error(f"Not renamed: {escaped(error)}.")
            st.form_submit_button("Save", key="data-rename-save", on_click=callback(_rename), args=(known,))
        _removal(known.hash, known.task)


def _removal(data_hash: str, task: str) -> None:
    """The button that removes a data set, after a question that names what depends on it."""
    with closing_popover(REMOVE, "Remove", width="content", icon=":material/delete:"):
        runs = sum(run.spec.task == task for run in server.store().runs())
        teachers = sum(entry.task == task for entry in all_entries())
        depends = f" Runs of it: {runs:,}, teachers: {teachers:,}. They stay, and can't be run again." * bool(
            runs or teachers
        )
        st.markdown(f"{_what_goes(data_hash)}{depends} The same file brings it back.")
        st.button("Remove the data set", key="data-remove-yes", on_click=callback(_remove), args=(data_hash,))


def _what_goes(data_hash: str) -> str:
    others = next((each.owners for each in all_data_sets() if each.hash == data_hash), frozenset()) - {owner()}
    if others and not person().host:
        return "They leave your list. Somebody else has the same data, so the files stay."
    return "Its examples are deleted from this machine."


def _rename(known: DataSummary) -> None:
    name = st.session_state[f"{FIELD}-{known.hash}-{known.name}"]
    try:
        acts().rename_data(known.hash, name)
    except SpecError as error:
        st.session_state[REFUSED] = str(error)
        return
    close_popover(RENAME)


def _remove(data_hash: str) -> None:
    acts().remove_data(data_hash)
    close_popover(REMOVE)
    on_show.show_data(None)
    st.toast("The data set was removed.")
