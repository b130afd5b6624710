"""The form of a step: the settings of its kind, and what two kinds have beside them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from labcore.config.steps import KeepLayers, Manual, Step
from labcore.config.steps.keep_layers import picked_layers
from labcore.config.steps.setting import Choice
from labcore.models.architecture import Structure
from ui.design.settings_form import Put, choose, control_of, draw_setting, settings_form, widget_key, widget_of
from ui.shell import state
from ui.shell.bound import bound
from ui.shell.guard import callback


def step_form(step: Step, put: Put, before: Structure, index: int, *, weights: bool) -> None:
    """The form of the step at `index`. before: what the earlier steps left. weights: whether the teacher has any.

    Raises SpecError if the step has no sizes after `before`.
    """
    match step:
        case KeepLayers():
            _keep_layers(step, put, before, index)
        case Manual():
            settings_form(step, put, before, index, weights=weights)
            _halving(step, put, before, index)
        case _:
            settings_form(step, put, before, index, weights=weights)


def _keep_layers(step: KeepLayers, put: Put, before: Structure, index: int) -> None:
    """Three ways to the same list: a number, how to pick that many, and the layers themselves."""
    available = before.architecture.layers
    count = min(step.count or len(step.layers or ()), available)
    counted, pick = KeepLayers(count=count, pick=step.pick), step.settings()["pick"]
    kept = step.kept(available)
    draw_setting(counted, "count", put, before, index)
    assert isinstance(pick, Choice)
    value = step.pick if kept == picked_layers(available, count, step.pick) else None
    choose(widget_of(step, "pick", index), pick, value, lambda new: put(counted.changed("pick", new)), required=False)
    bound(
        st.pills,
        widget_key(step, "layers", index),
        list(kept),
        lambda chosen: put(KeepLayers(layers=tuple(sorted(chosen)))),
        control=control_of(step),
        label=step.settings()["layers"].label,
        options=list(range(available)),
        format_func=lambda layer: str(layer + 1),
        selection_mode="multi",
    )


def _halving(step: Manual, put: Put, before: Structure, index: int) -> None:
    """The way back to half of every size."""
    half = replace(Manual.default(before), init=step.init)
    if not state.fixed(control_of(step)):
        st.button(
            "Halve everything",
            key=f"halve-{index}",
            on_click=callback(lambda: state.take(put(half))),
            disabled=step.filled(before) == half,
        )
