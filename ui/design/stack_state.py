"""The list of steps between two drawings: which step is open, and what the steps before one leave."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.models.architecture import Structure


def structure_before(spec: Spec, index: int) -> Structure | None:
    """The structure that the steps before `index` leave; None if they can't be carried out."""
    from labcore.runs.cache import structure_of_design

    try:
        return structure_of_design(replace(spec, steps=spec.steps[:index]))
    except SpecError:
        return None


def step_at_fault(spec: Spec) -> int | None:
    """The index of the first step that can't be carried out; None if all can, or if the teacher can't be read."""
    if structure_before(spec, 0) is None:
        return None
    return next((i for i in range(len(spec.steps)) if structure_before(spec, i + 1) is None), None)


def opened_step(spec: Spec) -> int:
    """The step whose settings are shown: the one chosen last, or the last."""
    last = len(spec.steps) - 1
    return min(int(st.session_state.get("open_step", last)), last)


def open_step(index: int) -> None:
    """Show the settings of this step from now on."""
    st.session_state.open_step = index
