"""The menu that gives a run a name of its own, or takes it away."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.results.run import MAX_NAME, Run
from labcore.views.run_names import run_name
from labcore.views.student_names import student_name
from labcore.views.words import design_in_words
from ui.shell.guard import callback
from ui.shell.owner import acts, mine
from ui.shell.popover import close_popover, closing_popover


def rename_menu(run: Run) -> None:
    """Draw a button that opens a field for the name of a run of the person's. It closes once the store has the name."""
    if not mine(run.owner):
        return
    menu, field = _menu(run), _field(run)
    with (
        closing_popover(menu, "Rename", width="content", icon=":material/edit:"),
        st.form(f"{menu}-form", border=False),
    ):
        st.caption(design_in_words(run.spec))
        st.text_input(
            "Name of this run",
            run_name(run),
            key=field,
            help=f"At most {MAX_NAME} characters. Everybody who uses this lab sees it in each list of runs.",
        )
        if (error := st.session_state.pop(_refused(run), None)) is not None:
            st.error(f"Not renamed: {error}.", icon=":material/edit_off:")
        with st.container(horizontal=True):
            st.form_submit_button("Save", key=f"{menu}-save", on_click=callback(_save), args=(run,))
            st.form_submit_button(
                "Reset",
                key=f"{menu}-reset",
                disabled=run.name is None,
                help=f"Back to the name that follows from the design: {student_name(run.spec)}.",
                on_click=callback(_rename),
                args=(run, None),
            )


def _save(run: Run) -> None:
    name = st.session_state[_field(run)]
    _rename(run, None if name == student_name(run.spec) else name)


def _rename(run: Run, name: str | None) -> None:
    try:
        acts().rename(run.id, name)
    except SpecError as error:
        st.session_state[_refused(run)] = str(error)
        return
    close_popover(_menu(run))


def _menu(run: Run) -> str:
    return f"rename-{run.id}"


def _field(run: Run) -> str:
    """The key of the text field: another one for another name, so that the field begins with it."""
    return f"{_menu(run)}-from-{run.name or 'design'}"


def _refused(run: Run) -> str:
    return f"{_menu(run)}-refused"
