"""The exercise's second stage: the person's own function counts on their own machine, and its line is pasted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.spec import SpecError
from labcore.exercise.attempt import MAX_LINE, Attempt
from labcore.exercise.counting_line import DRAWN, attempt_code, read_line
from labcore.exercise.lab_copy import NAME, lab_copy
from labcore.exercise.own_counts import (
    MODELS,
    line_problem,
    own_totals,
    proof_problem,
    right_totals,
    with_line,
    wrong_typed_counts,
)
from labcore.exercise.signature import mark_of
from labcore.exercise.student_comparisons import SlotComparison, compare_students
from ui.exercise.attempts import bound_to_attempt, current, update
from ui.exercise.counting_setup import counting_setup
from ui.shell.guard import callback

IN_A_NOTEBOOK = f"""!python -m zipfile -e {NAME} .
%pip install -q -r teacher-student-lab/requirements.txt

import sys
sys.path.insert(0, "teacher-student-lab")
from labcore.exercise.notebook import counting_line
print(counting_line(count_parameters, "CODE"))
"""


def count_stage(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> None:
    """What to write, how to run it, and the field for the line that proves the counts."""
    right = right_totals(comparisons)
    if right is None:
        return
    mark = mark_of(attempt.id)
    from labcore.exercise.model_shapes import shapes_of  # imports torch

    code = attempt_code(attempt, mark, shapes_of(attempt))
    counting_setup()
    _copy_of_the_lab(code)
    st.markdown(
        "Write `count_parameters(model)` in a file `mine.py`, and run the command below on your own machine. It checks "
        f"the function on small models with traps. If all are right, it counts your four models and {DRAWN} that are "
        "drawn for your attempt, and prints one line."
    )
    st.code(f"python -m labcore grade mine.py --attempt {code}", language="bash", wrap_lines=True)
    bound_to_attempt(
        st.text_input,
        "counting-line",
        attempt.counting_line,
        lambda text: _pasted(text, current()),
        label="Paste the line here",
        most=MAX_LINE,
        placeholder="counted-1:…",
    )
    _show_verdict(attempt, mark, right)
    if not attempt.shown:
        with st.popover("Show me the right counts", type="tertiary", icon=":material/visibility:"):
            st.markdown("They appear here. Your submission will note that you saw them; you can't undo that.")
            st.button(
                "Show them",
                key="show-counts",
                on_click=callback(lambda: update(lambda: replace(current(), shown=True))),
            )
    else:
        counts = ", ".join(f"{name} **{total:,}**" for name, total in zip(MODELS, right, strict=True))
        st.markdown(f":material/visibility: {counts}")


def _copy_of_the_lab(code: str) -> None:
    with st.expander("A copy of the lab, also for a hosted notebook", icon=":material/folder_zip:"):
        st.markdown(
            "A copy is all that you need: the code in the command below holds what is special about your attempt, so "
            "your machine needs no connection to this server."
        )
        st.download_button(
            f"Download {NAME}",
            lab_copy,
            NAME,
            "application/zip",
            key="lab-copy",
            on_click="ignore",
            icon=":material/download:",
        )
        st.markdown("In a hosted notebook, upload the file, define your function, and run these lines in cells:")
        st.code(IN_A_NOTEBOOK.replace("CODE", code), language="python", wrap_lines=True)
        st.markdown("`docs/exercise.ipynb` in the copy does the whole exercise in a notebook.")


def _pasted(text: str, attempt: Attempt) -> Attempt:
    """The attempt with a pasted line. A line that proves nothing is kept, so that its fault can be shown."""
    text = "".join(text.split())
    right = right_totals(compare_students(attempt))
    try:
        line = read_line(text)
    except SpecError:
        return replace(attempt, counting_line=text)
    if right is None or line_problem(line, attempt, mark_of(attempt.id), right):
        return replace(attempt, counting_line=text)
    return with_line(attempt, line)


def _show_verdict(attempt: Attempt, mark: str, right: Sequence[int]) -> None:
    """Right or wrong, never by how much or in which direction: typing until it is right would need no counting."""
    if attempt.counting_line:
        if problem := proof_problem(attempt, mark, right):
            st.error(f"Not counted: {problem}.", icon=":material/cancel:")
        else:
            st.success("Right: your function counted every model exactly.", icon=":material/check_circle:")
    elif any(total is not None for total in own_totals(attempt)):
        wrong = wrong_typed_counts(attempt, right)
        verdict = f"wrong or missing for {', '.join(wrong)}" if wrong else "right"
        st.info(
            f"Your counts were typed in an earlier version of the lab: {verdict}. Your submission notes that they are "
            "not proven. Paste a line to prove them.",
            icon=":material/keyboard:",
        )
