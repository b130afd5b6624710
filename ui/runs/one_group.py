"""One seed group: its runs, and what a person can do with each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from labcore.config.spec import SpecError
from labcore.evaluate.run_groups import RunGroup
from labcore.results.run import FinishedRun, Run
from labcore.results.run_notes import MAX_TAG, MAX_TAGS, checked_tags
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.markdown import escaped
from labcore.views.runs.group_table import STATUS_IN_WORDS
from labcore.views.words import design_in_words, moment, percent, teacher_in_words, training_in_words
from ui.runs.deletion import delete_button
from ui.runs.downloads import downloads
from ui.runs.export_panel import export_panel
from ui.shell import state
from ui.shell.guard import callback
from ui.shell.owner import acts, mine, why_not
from ui.shell.rename_menu import rename_menu
from ui.shell.teacher_notes import show_changed


def one_group(group: RunGroup, names: Mapping[str, str], runs: Sequence[Run]) -> None:
    """Draw the group's figures, the choice of one of its runs, and that run. runs: all of the lab."""
    name = names[group.shown.id]
    st.header(escaped(name))
    seeds = len(group.seeds)
    if group.accuracy is not None:
        of = f" over {seeds} seeds (95 % interval)" if seeds > 1 else ""
        st.markdown(f"Test accuracy: **{accuracy_in_words(group.accuracy)}**{of}.")
    spec = group.spec
    st.caption(
        f"{design_in_words(spec)}. Training: {training_in_words(spec.distil)}. Teacher: {teacher_in_words(spec)}."
    )
    run = group.shown
    if len(group.runs) > 1:
        by_id = {run.id: run for run in group.runs}
        chosen = st.selectbox(
            "Run",
            list(by_id),
            key=f"run-of-{group.shown.id}",
            format_func=lambda run: _in_words(by_id[run]),
            help="The runs of this design. Two with the same seed are one run that was repeated.",
        )
        run = by_id[chosen]
    _one_run(run, runs)


def _in_words(run: Run) -> str:
    accuracy = f" · {percent(run.result.accuracy, 1)}" if isinstance(run, FinishedRun) else ""
    return f"seed {run.spec.distil.seed}{accuracy} · {STATUS_IN_WORDS[run.status]} · {moment(run.created)}"


def _one_run(run: Run, runs: Sequence[Run]) -> None:
    words = f"Run `{run.id}`: {STATUS_IN_WORDS[run.status]}, {moment(run.created)}."
    if run.machine:
        words += f" Computed on {escaped(run.machine)}."
    st.markdown(words)
    if run.error:
        st.error(escaped(run.error))
    show_changed(run)
    with st.container(horizontal=True):
        if st.button("See its curves", key=f"curves-{run.id}", icon=":material/show_chart:"):
            state.show_run(run.id)
            st.switch_page("pages/distil.py")
        finished = isinstance(run, FinishedRun)
        if finished and st.button("Evaluate it", key=f"evaluate-{run.id}", icon=":material/fact_check:"):
            state.show_run(run.id)
            st.switch_page("pages/evaluate.py")
        rename_menu(run)
        delete_button(run, runs)
    if mine(run.owner):
        _notes_form(run)
    else:
        _notes_of_another(run)
    downloads([run], run.id)
    if isinstance(run, FinishedRun):
        export_panel(run)


def _notes_form(run: Run) -> None:
    """The run's note and tags, which everybody who uses this lab sees."""
    with st.form(f"notes-{run.id}", border=False):
        left, right = st.columns([3, 2])
        with left:
            st.text_input("Note", run.note, key=f"note-{run.id}", placeholder="what you tried, and why")
        with right:
            st.text_input(
                "Tags",
                " ".join(run.tags),
                key=f"tags-{run.id}",
                placeholder="words to find it by",
                help=f"Up to {MAX_TAGS} words of at most {MAX_TAG} characters, with spaces between them. Everybody who "
                "uses this lab sees note and tags.",
            )
        st.form_submit_button("Save note and tags", key=f"save-{run.id}", on_click=callback(_save), args=(run.id,))
    if (error := st.session_state.pop(f"notes-refused-{run.id}", None)) is not None:
        st.error(f"Not saved: {escaped(error)}.", icon=":material/edit_off:")


def _notes_of_another(run: Run) -> None:
    tags = "".join(f" `{tag}`" for tag in run.tags)
    if run.note or tags:
        st.markdown(f"{escaped(run.note)}{tags}")
    st.caption(f":material/lock_person: {why_not(run.owner, 'run', 'rename, annotate or delete')}")


def _save(run_id: str) -> None:
    note, tags = st.session_state[f"note-{run_id}"], st.session_state[f"tags-{run_id}"]
    try:
        acts().annotate(run_id, note=note, tags=checked_tags(tags.replace(",", " ").split()))
    except SpecError as error:
        st.session_state[f"notes-refused-{run_id}"] = str(error)
        return
    st.toast("Saved.", icon=":material/check:")
