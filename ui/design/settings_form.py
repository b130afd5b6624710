"""The widgets of a step, drawn from the settings that its fields have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from labcore.config.spec import Spec
from labcore.config.steps import Step
from labcore.config.steps.setting import Choice, Fraction, Integer, Switch
from labcore.models.architecture import Structure
from ui.shell.bound import bound

Put = Callable[[Step], Spec]  # the spec with a changed step in place
Commit = Callable[[Any], Spec]  # the spec with a changed value in place
Widget = Callable[..., None]  # `bound` for one setting


def settings_form(step: Step, put: Put, before: Structure, index: int, *, weights: bool) -> None:
    """All settings of the step at `index`, within what the steps before it left.

    weights: whether the teacher has any. Raises SpecError if the step has no sizes after `before`.
    """
    step = step.filled(before)
    _either(step, put, before, index, weights=weights)
    for name in step.shown():
        draw_setting(step, name, put, before, index)
    if note := step.note(before):
        (st.warning if note.warns else st.caption)(note.text)


def draw_setting(step: Step, name: str, put: Put, before: Structure, index: int) -> None:
    """The widget of one setting: a slider, a row of choices, or a switch."""
    setting, value = step.settings()[name], getattr(step, name)
    widget = widget_of(step, name, index)

    def commit(new: object) -> Spec:
        return put(step.changed(name, new))

    match setting:
        case Integer():
            _integer(widget, setting, step, value, commit, before)
        case Fraction():
            low, high = (0 if setting.zero else 1), (100 if setting.one else 99)
            widget(
                st.slider,
                value=min(high, max(low, round(100 * value))),
                commit=lambda percent: commit(percent / 100),
                label=setting.label,
                min_value=low,
                max_value=high,
            )
        case Choice():
            choose(widget, setting, value, commit)
        case Switch():
            widget(st.toggle, value=value, commit=commit, label=setting.label)


def choose(widget: Widget, setting: Choice, value: str | None, commit: Commit, required: bool = True) -> None:
    """A row of choices. required: whether one of them is always chosen."""
    widget(
        st.segmented_control,
        value=value,
        commit=commit,
        label=setting.label,
        options=list(setting.options),
        format_func=setting.options.__getitem__,
        required=required,
    )


def widget_of(step: Step, name: str, index: int) -> Widget:
    """`bound` for a setting: with its key, its help and its control of an assignment."""
    help_text = step.settings()[name].help or None
    return partial(bound, key=widget_key(step, name, index), control=control_of(step), help=help_text)


def widget_key(step: Step, name: str, index: int) -> str:
    """The key of a setting's widget: of its own for each kind, because two kinds may call a field alike."""
    return f"{step.kind}-{name}-{index}"


def control_of(step: Step) -> str:
    """The control of an assignment that the step's widgets belong to."""
    return f"steps.{step.kind}"


def _integer(widget: Widget, setting: Integer, step: Step, value: int, commit: Commit, before: Structure) -> None:
    available = setting.available(before)
    value = value if setting.may_grow else min(value, available)
    label = setting.label.format(available=available)
    if setting.stops is not None:
        options = sorted({*setting.stops(step, available), value})
        widget(st.select_slider, value=value, commit=commit, label=label, options=options)
        return
    most, fixed = max(available, value, 2), available == 1 and not setting.may_grow
    widget(st.slider, value=value, commit=commit, label=label, min_value=1, max_value=most, disabled=fixed)


def _either(step: Step, put: Put, before: Structure, index: int, *, weights: bool) -> None:
    """Which of two fields is given. An option that needs weights is offered if there are some, or if it is given."""
    if (either := step.either) is None:
        return
    given = next(name for name in either.options if getattr(step, name) is not None)
    impossible = not weights and any(option.needs_weights for option in either.options.values())
    if impossible and not either.options[given].needs_weights:
        return
    available = either.available(before) if either.available else None
    bound(
        st.segmented_control,
        widget_key(step, "either", index),
        given,
        lambda name: put(step.chosen(name, before)),
        control=control_of(step),
        label=either.label.format(available=available),
        options=list(either.options),
        format_func=lambda name: either.options[name].label,
        required=True,
        help=either.help,
    )
