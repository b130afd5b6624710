"""The exercise as a numbered path: what is done is folded and ticked, what is at hand is open, the rest says what it waits for."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.stages import WAITS_FOR, Name, Stage

TITLES: dict[Name, str] = {
    "design": "Design three students",
    "count": "Count them yourself",
    "predict": "Predict which trades best",
    "run": "Run them",
    "choose": "Choose, and say why",
    "hand in": "Hand in",
}


def stage_frame(stage: Stage, attempt: Attempt, submitting: bool) -> DeltaGenerator | None:
    """Where a stage is drawn; None for one that waits, of which only a line is there.

    submitting: whether the last stage is at hand; then the choice stays open beside it.
    """
    title = f"{stage.number} · {TITLES[stage.name]}"
    if stage.standing == "waiting":
        st.markdown(f":gray[:material/lock_clock: **{title}** — waits for {WAITS_FOR[stage.name]}]")
        return None
    done = stage.standing == "done"
    outcome = _outcome(stage.name, attempt) if done else ""
    expanded = not done or (submitting and stage.name == "choose")
    icon = ":material/check_circle:" if done else ":material/arrow_circle_right:"
    return st.expander(f"**{title}**{outcome}", icon=icon, expanded=expanded)


def _outcome(name: Name, attempt: Attempt) -> str:
    """What came of a stage that is done, for its folded line."""
    match name:
        case "count" if attempt.shown:
            return " — right counts shown"
        case "predict" if attempt.prediction is not None:
            return f" — {SLOTS[attempt.prediction]}, within {100 * attempt.within:g} points"
        case "choose" if attempt.choice is not None:
            return f" — {SLOTS[attempt.choice]}"
        case _:
            return ""
