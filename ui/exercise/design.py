"""The exercise's first stage: a teacher and three students of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.steps import Step
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.ready_students import READY
from labcore.exercise.rules import APART, design_problems
from labcore.exercise.stages import ratios
from labcore.results.counts import Comparison
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import in_markdown
from labcore.views.words import percent, student_in_words
from ui.exercise.attempts import current, noted
from ui.shell import state

Comparisons = Sequence[Comparison | str | None]
HERE, OWN = "the student on the Design page", "a design of your own"


def design_stage(attempt: Attempt, comparisons: Comparisons) -> None:
    """The teacher, and three slots with their sizes."""
    st.markdown(
        f"Take three students that are smaller than their teacher, at least {100 * APART:g} points of its size apart: one "
        "light, one heavy, one between, say. Take ready ones, or what you made on the *Design* page."
    )
    noted(
        st.selectbox,
        "exercise-teacher",
        attempt.teacher,
        lambda teacher: current().with_teacher(teacher),
        label="Teacher",
        options=list(BUILT_IN),
        help="All can be counted. Those of the lab have weights, so their students can be taught, too: " + ", ".join(
            name for name in BUILT_IN if replace(attempt, teacher=name).can_run
        ) + ".",
    )  # fmt: skip
    for i, place in enumerate(st.columns(len(SLOTS))):
        with place.container(border=True, height="stretch"):
            _card(attempt, i, comparisons[i])
    here, own = state.spec(), ""
    if here.teacher not in BUILT_IN:
        own = (
            f" Its teacher, {in_markdown(here.teacher)}, is not built in. The exercise takes built-in teachers only: its steps are "
            "taken, and carried out on the teacher chosen here."
        )
    st.caption(f"On the Design page now: {student_in_words(here)}.{own}")
    begun = any(slot.steps is not None for slot in attempt.slots)
    for problem in design_problems(ratios(comparisons)) if begun else []:
        if not problem.endswith("take a student"):
            st.warning(problem, icon=":material/straighten:")


def _card(attempt: Attempt, slot: int, comparison: Comparison | str | None) -> None:
    name, steps = SLOTS[slot], attempt.slots[slot].steps
    st.markdown(f"## Student {name}")
    held = next((ready for ready, its in READY.items() if its == steps), OWN if steps is not None else None)
    made: dict[str, tuple[Step, ...]] = {**READY, HERE: state.spec().steps} | ({} if steps is None else {OWN: steps})
    noted(
        st.selectbox,
        f"slot-{name}",
        held,
        lambda choice: current().with_student(slot, made[choice]),
        label=f"Student {name}",
        label_visibility="collapsed",
        options=[*READY, HERE, *([OWN] if held == OWN else [])],
        index=None,
        placeholder="Take a student…",
    )
    if steps is None:
        return
    st.markdown(f":orange[{student_in_words(attempt.spec(slot))}]")
    if isinstance(comparison, Comparison):
        st.markdown(f"about **{percent(comparison.ratio)}** of the teacher")
    spec = replace(attempt.spec(slot), distil=state.spec().distil)
    if st.button(
        "Change it on the Design page",
        key=f"design-{name}",
        type="tertiary",
        icon=":material/architecture:",
        disabled=not state.allows(spec),
        help=None if state.allows(spec) else "Your lesson fixes what the Design page makes.",
    ):
        state.change(spec)
        st.switch_page("pages/design.py")
