"""The list of steps that makes a student: each a card with its settings, which you can add, move and remove."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from labcore.config import steps as kinds
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Step
from labcore.teacher.built_in import has_weights
from ui.design.refusal import show_step_refusal
from ui.design.stack_state import open_step, opened_step, step_at_fault, structure_before
from ui.design.step_forms import step_form
from ui.design.step_menu import show_placement, step_menu
from ui.shell import state
from ui.shell.bound import bound
from ui.shell.guard import callback
from ui.shell.notes import show_ineffective_step


def stack_form(spec: Spec, refused: SpecError | None) -> None:
    """A card for each step, and a menu to add one.

    refused: why the student can't be made, if it can't; shown in the card of the step at fault.
    """
    if state.hidden("steps"):
        return
    if not spec.steps:
        st.info("No step yet: this student is a copy of its teacher. Add a step to make it smaller.")
    at_fault = step_at_fault(spec) if refused else None
    for index in range(len(spec.steps)):
        _card(spec, index, refused if index == at_fault else None)
    step_menu(spec)


def _card(spec: Spec, index: int, refused: SpecError | None) -> None:
    """One step: its kind, its buttons, its settings, and why it can't be carried out."""
    step, before = spec.steps[index], structure_before(spec, index)
    remembered = st.session_state.setdefault("remembered", {})
    remembered[step.kind, spec.teacher] = step

    def put(new: Step) -> Spec:
        return _changed(spec, index, new)

    def commit(kind: str) -> Spec:
        structure = before or structure_before(spec, 0)
        assert structure is not None
        return put(remembered.get((kind, spec.teacher)) or types[kind].default(structure))

    types, many = kinds.by_kind(), len(spec.steps) > 1
    with st.container(border=True, key=f"step-{index}"):
        head = st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall")
        if many and index != opened_step(spec):
            head.markdown(f"{index + 1}. **{step.label}**: :orange[{step.describe()}]", width="stretch")
            _buttons(head.container(horizontal=True, gap="xsmall", width="content"), spec, index)
            if refused:
                show_step_refusal(refused)
            else:
                show_ineffective_step(spec, index)
            return
        with head:
            bound(
                st.selectbox,
                f"kind-{index}",
                step.kind,
                commit,
                control="steps.kinds",
                label=f"Step {index + 1}",
                options=list(types),
                format_func=lambda kind: types[kind].label,
                help=step.summary,
                width="stretch",
            )
        _buttons(head.container(horizontal=True, gap="xsmall", width="content"), spec, index)
        show_placement(spec, index)
        if refused:
            show_step_refusal(refused)
        if before is None:
            st.caption("Its settings come back as soon as the steps before it can be carried out.")
        else:
            try:
                step_form(step, put, before, index, weights=has_weights(spec.teacher))
            except SpecError:  # the settings have no limits
                st.caption("Undo the last change, remove this step, or choose another kind.")
            else:
                if not refused:
                    show_ineffective_step(spec, index)


def _changed(drawn: Spec, index: int, new: Step) -> Spec:
    """The spec as it is now with the step at `index` changed, as `new` differs from the step that was drawn.

    You may move a second control before the page has drawn the first change, which must stay.
    """
    old, now = drawn.steps[index], state.spec()
    if not _still(drawn):
        return now
    if type(new) is type(old) is type(now.steps[index]):
        names = [f.name for f in fields(new) if getattr(new, f.name) != getattr(old, f.name)]
        new = replace(now.steps[index], **{name: getattr(new, name) for name in names})
    return replace(now, steps=(*now.steps[:index], new, *now.steps[index + 1 :]))


def _still(drawn: Spec) -> bool:
    """Whether the steps are still of the kinds that were drawn, so that an index means the same step."""
    return [step.kind for step in drawn.steps] == [step.kind for step in state.spec().steps]


def _buttons(row: DeltaGenerator, spec: Spec, index: int) -> None:
    """Buttons to edit, move and remove a step."""
    last = len(spec.steps) - 1
    fixed = state.fixed("steps.kinds")
    actions: list[tuple[str, str, Callable[..., None], tuple[object, ...], bool, str]] = [
        ("remove", "close", _remove, (spec, index), fixed, "Remove this step"),
    ]
    if last:
        actions = [
            ("up", "arrow_upward", _move, (spec, index, -1), fixed or index == 0, "Do this step earlier"),
            ("down", "arrow_downward", _move, (spec, index, 1), fixed or index == last, "Do this step later"),
            *actions,
        ]
    if last and index != opened_step(spec):
        actions = [("edit", "tune", open_step, (index,), False, "Edit its settings"), *actions]
    for name, icon, act, arguments, disabled, words in actions:
        row.button(
            "",
            key=f"{name}-{index}",
            type="tertiary",
            icon=f":material/{icon}:",
            on_click=callback(act),
            args=arguments,
            disabled=disabled,
            help=words,
        )


def _move(drawn: Spec, index: int, by: int) -> None:
    if not _still(drawn):
        return
    spec = state.spec()
    steps = list(spec.steps)
    steps.insert(index + by, steps.pop(index))
    if opened_step(spec) in (index, index + by):  # the settings stay with their step
        open_step(index + by if opened_step(spec) == index else index)
    state.take(replace(spec, steps=tuple(steps)))


def _remove(drawn: Spec, index: int) -> None:
    if not _still(drawn):
        return
    spec = state.spec()
    if index < opened_step(spec):
        open_step(opened_step(spec) - 1)
    state.take(replace(spec, steps=(*spec.steps[:index], *spec.steps[index + 1 :])))
