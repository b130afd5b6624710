"""The sliders of a manual student: a new BERT of sizes of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Manual, Spec, Step
from labcore.models.architecture import Architecture
from ui.shell import state
from ui.shell.bound import bound
from ui.shell.guard import callback


def halved(teacher: Architecture) -> Manual:
    """The chapter's manual student, its sizes spelled out."""
    hidden, heads = max(1, teacher.hidden // 2), max(1, teacher.heads // 2)
    return Manual(hidden, max(1, teacher.layers // 2), _nearest(heads, hidden), max(1, teacher.intermediate // 2))


def manual_form(step: Manual, put: Callable[[Step], Spec], teacher: Architecture, index: int) -> None:
    """Sliders for the four sizes, where the weights come from, and the way back to half of everything."""
    from labcore.compress.manual_architecture import manual_architecture

    sizes = manual_architecture(teacher, step)
    full = Manual(sizes.hidden, sizes.layers, sizes.heads, sizes.intermediate, step.init)

    def with_hidden(hidden: int) -> Spec:
        return put(replace(full, hidden=hidden, heads=_nearest(sizes.heads, hidden)))

    bound(
        st.select_slider,
        f"hidden-{index}",
        sizes.hidden,
        with_hidden,
        control=f"steps.{step.kind}",
        label=f"Hidden size, teacher's {teacher.hidden}",
        options=_stops(teacher.hidden, sizes.hidden),
        help="The width of every state. Half of it halves the embeddings and quarters a layer's matrices.",
    )
    bound(
        st.slider,
        f"layers-{index}",
        sizes.layers,
        lambda n: put(replace(full, layers=n)),
        control=f"steps.{step.kind}",
        label=f"Layers, teacher's {teacher.layers}",
        min_value=1,
        max_value=max(teacher.layers, sizes.layers, 2),
    )
    bound(
        st.select_slider,
        f"heads-{index}",
        sizes.heads,
        lambda n: put(replace(full, heads=n)),
        control=f"steps.{step.kind}",
        label=f"Attention heads, teacher's {teacher.heads}",
        options=sorted({*_heads_for(sizes.hidden), sizes.heads}),
        help="Heads share the hidden size: at one hidden size, their number changes no parameter.",
    )
    bound(
        st.select_slider,
        f"intermediate-{index}",
        sizes.intermediate,
        lambda n: put(replace(full, intermediate=n)),
        control=f"steps.{step.kind}",
        label=f"Feed-forward size, teacher's {teacher.intermediate}",
        options=_stops(teacher.intermediate, sizes.intermediate),
        help="The width between the two feed-forward matrices of a layer.",
    )
    bound(
        st.segmented_control,
        f"init-{index}",
        step.init,
        lambda init: put(replace(full, init=init)),
        control=f"steps.{step.kind}",
        label="Where its weights come from",
        options=["random", "teacher"],
        format_func={"random": "a random start", "teacher": "cut out of the teacher"}.__getitem__,
        required=True,
        help="Cut out: evenly picked layers, the main directions of the hidden states, the heads and neurons that add most; "
        "then each matrix is refitted so that the student does what the teacher does on 256 training sentences.",
    )
    half = replace(halved(teacher), init=step.init)
    if not state.fixed(f"steps.{step.kind}"):
        st.button(
            "Halve everything",
            key=f"halve-{index}",
            on_click=callback(lambda: state.take(put(half))),
            disabled=full == half,
        )


def _stops(most: int, present: int) -> list[int]:
    """Some fifty sizes up to the teacher's, and the present one."""
    grain = max(8, most // 48)
    return sorted({*range(grain, most + 1, grain), most, present})


def _nearest(heads: int, hidden: int) -> int:
    """The number of heads nearest to this one that shares the hidden size evenly."""
    return min(_heads_for(hidden), key=lambda n: (abs(n - heads), n))


def _heads_for(hidden: int) -> list[int]:
    """Numbers of heads that share a hidden size evenly, and leave each at least 8 wide where there is a choice."""
    found = [n for n in range(1, hidden + 1) if hidden % n == 0]
    wide = [n for n in found if hidden // n >= 8]
    return wide if len(wide) > 1 else found
