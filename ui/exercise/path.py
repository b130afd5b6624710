"""The exercise as a numbered path: done stages are folded and ticked, the current one is open, the others wait."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.stages import WAITS_FOR, Name, Stage
from labcore.exercise.student_comparisons import SlotComparison, counted_students
from labcore.views.words import percent

TITLES: dict[Name, str] = {
    "design": "Design three students",
    "count": "Count them yourself",
    "predict": "Predict the best trade-off",
    "run": "Run them",
    "choose": "Choose, and explain why",
    "submit": "Submit",
}


def stage_frame(
    stage: Stage, attempt: Attempt, comparisons: Sequence[SlotComparison], submitting: bool
) -> DeltaGenerator | None:
    """The container of a stage; None for one that waits, which is a line only.

    submitting: whether the last stage is the current one; then the choice stays open beside it.
    """
    title = f"{stage.number} · {TITLES[stage.name]}"
    if stage.standing == "waiting":
        st.markdown(f":gray[:material/lock_clock: **{title}** — waits for {WAITS_FOR[stage.name]}]")
        return None
    done = stage.standing == "done"
    outcome = _outcome(stage.name, attempt, comparisons) if done else ""
    counts_just_shown = stage.name == "count" and attempt.shown and attempt.prediction is None
    expanded = not done or counts_just_shown or (submitting and stage.name == "choose")
    icon = ":material/check_circle:" if done else ":material/arrow_circle_right:"
    return st.expander(f"**{title}**{outcome}", icon=icon, expanded=expanded)


def _outcome(name: Name, attempt: Attempt, comparisons: Sequence[SlotComparison]) -> str:
    """The outcome of a stage that is done, for its folded line."""
    match name:
        case "design":
            sizes = (percent(one.ratio) for one in counted_students(comparisons))
            return " — " + ", ".join(f"{slot} {size}" for slot, size in zip(SLOTS, sizes, strict=True))
        case "count" if attempt.shown:
            return " — right counts shown"
        case "predict" if attempt.prediction is not None:
            return f" — {SLOTS[attempt.prediction]}, within {100 * attempt.acceptable_loss:g} points"
        case "choose" if attempt.choice is not None:
            return f" — {SLOTS[attempt.choice]}"
        case _:
            return ""
