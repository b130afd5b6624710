"""The exercise's second stage: a person's own counts of teacher and students, marked as right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.rules import COUNT_TOLERANCE, count_hint, count_right
from labcore.exercise.student_comparisons import SlotComparison, counted_students
from labcore.results.counts import Counts
from labcore.views.words import student_in_words
from ui.exercise.attempts import bound_to_attempt, current, save
from ui.shell.guard import callback


def count_stage(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> None:
    """The person's own counts, marked as right or wrong without the right number."""
    st.markdown(
        "Write `count_parameters(model)` and check it on your own machine: `python -m labcore grade mine.py`. "
        "Your code never runs on this server. Then count these four models with it, and type your *total* of each. "
        f"A count within {100 * COUNT_TOLERANCE:g} % is right."
    )
    st.code(_counting_code(attempt), language="python")
    counted = counted_students(comparisons)
    if len(counted) < len(SLOTS):
        return
    _count_row(
        "teacher", f":blue[Teacher] {attempt.teacher}", None, attempt.teacher_count, counted[0].teacher, attempt.shown
    )
    for i, (name, slot) in enumerate(attempt.named):
        words = f":orange[Student {name}] {student_in_words(attempt.spec(i))}"
        _count_row(name, words, i, slot.count, counted[i].student, attempt.shown)
    st.button(
        "Show me the right counts",
        key="show-counts",
        type="tertiary",
        icon=":material/visibility:",
        disabled=attempt.shown,
        on_click=callback(lambda: save(replace(current(), shown=True))),
        help="They appear beside yours, and your submission notes that you saw them.",
    )


def _count_row(key: str, words: str, slot: int | None, given: int | None, right: Counts, shown: bool) -> None:
    label, field, verdict = st.columns([4, 3, 4], vertical_alignment="center")
    label.markdown(words)
    with field:
        bound_to_attempt(
            st.number_input,
            f"count-{key}",
            given,
            lambda count: current().with_count(slot, int(count)),
            label=f"Your count of {key}",
            label_visibility="collapsed",
            min_value=1,
            max_value=10**12,
            step=1,
            placeholder="your total",
        )
    with verdict:
        if given is not None and count_right(given, right.total):
            st.markdown(f":material/check_circle: right, exactly {right.total:,}")
        elif shown:
            st.markdown(f":material/visibility: it has **{right.total:,}**")
        elif given is not None:
            st.markdown(f":material/cancel: {count_hint(given, right)}")


def _counting_code(attempt: Attempt) -> str:
    """A script that counts all four with the person's own function."""
    steps = {"teacher": [], **{name: attempt.spec(i).to_dict()["steps"] for i, name in enumerate(SLOTS)}}
    lines = "\n".join(f'    "{name}": {each!r},' for name, each in steps.items())
    return (
        "from labcore.exercise.counting_check import model_of\nfrom labcore.config.spec import Spec\n"
        f"from mine import count_parameters\n\nstudents = {{\n{lines}\n}}\nfor name, steps in students.items():\n"
        f'    spec = Spec.from_dict({{"teacher": "{attempt.teacher}", "task": "{attempt.task}", "steps": steps}})\n'
        '    print(name, count_parameters(model_of(spec))["total"])\n'
    )
