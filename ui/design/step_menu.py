"""The menu that adds a step: each kind with what it does, and with the reason if it can't come next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from labcore.config import steps as kinds
from labcore.config.spec import MAX_STEPS, Spec, SpecError
from labcore.config.steps import Step
from labcore.views.design.refusals import refusal_in_words
from ui.design.stack_state import open_step, structure_before
from ui.shell import state
from ui.shell.attention import focus_on
from ui.shell.guard import callback
from ui.shell.popover import close_popover, closing_popover

ADDING = "adding-a-step"


@dataclass(frozen=True)
class Addition:
    """A spec with one more step, which stands at `index`."""

    spec: Spec
    index: int


def step_menu(spec: Spec) -> None:
    """Draw the menu; nothing if the list of steps is full or an assignment fixes it."""
    if len(spec.steps) >= MAX_STEPS or state.fixed("steps.kinds"):
        return
    with closing_popover(ADDING, "Add a step", icon=":material/add:") as is_open:
        if is_open:
            _kinds(spec)


def _kinds(spec: Spec) -> None:
    """A button for each kind of step, and what it does."""
    for kind, cls in kinds.by_kind().items():
        refusal = None if state.fixed(f"steps.{kind}") else _refusal(spec, cls)
        st.button(
            cls.label,
            key=f"add-{kind}",
            on_click=callback(_add),
            args=(kind,),
            type="tertiary",
            width="stretch",
            disabled=state.fixed(f"steps.{kind}") or refusal is not None,
        )
        st.caption(f"Not possible here: {refusal}." if refusal else cls.summary)


def added(spec: Spec, kind: type[Step]) -> Addition:
    """The spec with a step of this kind: at the end, but before rounding, and before pruning if it makes new matrices.

    Raises SpecError if the steps before it can't be carried out, or if the step is impossible after them.
    """
    from labcore.runs.cache import structure_of_design

    index = next((i for i, step in enumerate(spec.steps) if step.rounds), len(spec.steps))
    if not kind.keeps_zeros:
        index = next((i for i, step in enumerate(spec.steps) if step.sets_zeros), index)
    if kind.rounds and index < len(spec.steps):
        raise SpecError(f"there is '{kind.kind}' already; change that one")
    before = structure_before(spec, index)
    if before is None:
        raise SpecError("a step before it can't be carried out; change or remove that one first")
    new = replace(spec, steps=(*spec.steps[:index], kind.default(before), *spec.steps[index:]))
    structure_of_design(replace(new, steps=new.steps[: index + 1]))
    return Addition(new, index)


def show_placement(spec: Spec, index: int) -> None:
    """Draw, in the card of the step that was added last, why it does not stand at the end; otherwise nothing."""
    if st.session_state.get("placed") == (index, [step.kind for step in spec.steps]):
        after = spec.steps[index + 1]
        reason = (
            "weights must be rounded last" if after.rounds else "this step makes new matrices, and zeros come after"
        )
        st.caption(f":material/info: Put before *{after.label}*: {reason}.")


def _refusal(spec: Spec, kind: type[Step]) -> str | None:
    """Why a step of this kind can't be added, in Markdown; None if it can."""
    try:
        added(spec, kind)
    except SpecError as error:
        return refusal_in_words(str(error))
    return None


def _add(kind: str) -> None:
    """Add a step, show its settings, and go there."""
    close_popover(ADDING)
    try:
        made = added(state.spec(), kinds.by_kind()[kind])
    except SpecError as error:  # the steps have changed since the menu was drawn
        st.session_state.form_error = refusal_in_words(str(error))
        return
    open_step(made.index)
    st.session_state.placed = None
    if made.index < len(made.spec.steps) - 1:
        st.session_state.placed = made.index, [step.kind for step in made.spec.steps]
    state.take(made.spec)
    focus_on(f"step-{made.index}")
