"""Widgets for a spec: each shows what the spec says, and commits what the person changes.

A widget is given the spec's value before it is drawn, and its callback writes the new value into the spec;
so the spec stays the only truth, and a preset, an undo or a link moves every widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from labcore.spec import Distil, Factorise, KeepLayers, Manual, Prune, Spec, SpecError, Step
from labcore.teacher.architecture import BUILT_IN, TEACHERS, Architecture
from labcore.views.palette import HARD, HIDDEN, SOFT
from ui import state

FAMILIES: dict[str, str] = {
    "keep_layers": "Fewer layers",
    "factorise": "Low rank",
    "prune": "Sparse",
    "manual": "Manual",
}


def _bound(draw: Callable[..., Any], key: str, value: object, commit: Callable[[Any], Spec], **options: Any) -> None:
    """Draw a widget that shows `value`; when the person changes it, `commit` makes the new spec of its new value."""

    def changed() -> None:
        new = st.session_state[key]
        if new is None:  # a segmented control that was clicked off: keep what was
            return
        try:
            state.change(commit(new))
        except SpecError as error:
            st.session_state.form_error = str(error)

    st.session_state[key] = value
    draw(key=key, on_change=changed, **options)


def show_form_error() -> None:
    """Tell, once, why the last change was not taken."""
    if "form_error" in st.session_state:
        st.error(st.session_state.pop("form_error"))


# -- the student -------------------------------------------------------------------------------------


def family_of(spec: Spec) -> str | None:
    """The family of a spec with one step; None where there are several, or none."""
    return spec.steps[0].kind if len(spec.steps) == 1 else None


def default_step(kind: str, teacher: Architecture) -> Step:
    """Where a family's sliders begin."""
    match kind:
        case "keep_layers":
            return KeepLayers(count=max(1, teacher.layers // 2))
        case "factorise":
            return Factorise(rank=max(1, teacher.hidden // 6))
        case "prune":
            return Prune(sparsity=0.5)
        case _:
            return halved(teacher)


def halved(teacher: Architecture) -> Manual:
    """The chapter's manual student, its sizes spelled out."""
    return Manual(
        teacher.hidden // 2, max(1, teacher.layers // 2), max(1, teacher.heads // 2), teacher.intermediate // 2
    )


def teacher_form(spec: Spec) -> None:
    """Choose the teacher: one that can teach, or an architecture to count."""

    def described(name: str) -> str:
        sizes = BUILT_IN[name]
        return f"{name} · {sizes.layers} layers × {sizes.hidden}" + ("" if name in TEACHERS else " · counting only")

    _bound(
        st.selectbox, "teacher", spec.teacher, lambda name: replace(spec, teacher=name, steps=_fitting(spec, BUILT_IN[name])),
        label="Teacher", options=list(BUILT_IN), format_func=described,
        help="The pre-trained BERT to shrink. Only `reviews` has weights here; the others can be counted.",
    )  # fmt: skip


def _fitting(spec: Spec, teacher: Architecture) -> tuple[Step, ...]:
    """The spec's family with the other teacher's default sizes: layer 5 of 6 means little where there are 2 or 24."""
    kind = family_of(spec)
    if kind == "prune":
        return spec.steps  # a share fits every size
    return (default_step(kind or "keep_layers", teacher),)


def family_form(spec: Spec, teacher: Architecture) -> None:
    """Choose the way to derive the student; each family comes back as it was left."""
    remembered = st.session_state.setdefault("remembered", {})
    for step in spec.steps:
        remembered[step.kind, spec.teacher] = step

    def commit(kind: str) -> Spec:
        return replace(spec, steps=(remembered.get((kind, spec.teacher)) or default_step(kind, teacher),))

    _bound(
        st.segmented_control, "family", family_of(spec), commit, label="Way to derive the student", options=list(FAMILIES),
        format_func=FAMILIES.__getitem__, width="stretch",
        help="Structural (fewer layers), low-rank factors, magnitude pruning, or a new architecture.",
    )  # fmt: skip


def step_form(spec: Spec, index: int, teacher: Architecture) -> None:
    """The sliders of the step at `index`, and only those."""
    step = spec.steps[index]

    def put(new: Step) -> Spec:
        return replace(spec, steps=(*spec.steps[:index], new, *spec.steps[index + 1 :]))

    match step:
        case KeepLayers():
            _keep_layers_form(step, put, teacher, index)
        case Factorise():
            _factorise_form(step, put, teacher, index)
        case Prune():
            _prune_form(step, put, index)
        case Manual():
            _manual_form(step, put, teacher, index)


def _keep_layers_form(step: KeepLayers, put: Callable[[Step], Spec], teacher: Architecture, index: int) -> None:
    from labcore.student.layers import picked_layers

    count = step.count or len(step.layers or ())
    kept = step.layers or picked_layers(teacher.layers, min(count, teacher.layers), step.pick)
    pick = step.pick if step.layers is None or kept == picked_layers(teacher.layers, count, step.pick) else None
    _bound(
        st.slider, f"keep-count-{index}", min(count, teacher.layers), lambda n: put(KeepLayers(count=n, pick=step.pick)),
        label=f"Encoder layers to keep, of {teacher.layers}", min_value=1, max_value=teacher.layers,
        help="An encoder layer is one round of attention and feed-forward. The student keeps the teacher's own weights.",
    )  # fmt: skip
    _bound(
        st.segmented_control, f"keep-pick-{index}", pick, lambda p: put(KeepLayers(count=count, pick=p)),
        label="Which", options=["even", "first", "last"], help="Even keeps layers spread over the depth, the last among them.",
    )  # fmt: skip
    _bound(
        st.pills, f"keep-layers-{index}", list(kept), lambda chosen: put(KeepLayers(layers=tuple(sorted(chosen)))),
        label="Or pick them by hand", options=list(range(teacher.layers)), format_func=lambda i: str(i + 1), selection_mode="multi",
    )  # fmt: skip


def _factorise_form(step: Factorise, put: Callable[[Step], Spec], teacher: Architecture, index: int) -> None:
    from labcore.student.factorise import break_even_rank

    limit = min(teacher.hidden, teacher.intermediate)
    _bound(
        st.slider, f"rank-{index}", min(step.rank, limit), lambda rank: put(Factorise(rank)),
        label="Rank of each encoder matrix", min_value=1, max_value=limit,
        help="Each matrix W (out × in) becomes two factors, (out × rank) and (rank × in): its best approximation of that rank.",
    )  # fmt: skip
    square, wide = (break_even_rank(teacher.hidden, n) for n in (teacher.hidden, teacher.intermediate))
    words = (
        f"Two factors are smaller than the matrix up to rank {square} for the attention's {teacher.hidden} × {teacher.hidden}, "
        f"and {wide} for the feed-forward's {teacher.hidden} × {teacher.intermediate}."
    )
    if step.rank > square:
        st.warning(f"At rank {step.rank} some matrices grow. {words}")
    else:
        st.caption(words)


def _prune_form(step: Prune, put: Callable[[Step], Spec], index: int) -> None:
    _bound(
        st.slider, f"sparsity-{index}", round(100 * step.sparsity), lambda percent: put(replace(step, sparsity=percent / 100)),
        label="Sparsity, % of the weights set to zero", min_value=0, max_value=99,
        help="The smallest magnitudes go, and stay zero while the student learns. The base is the encoder's matrices.",
    )  # fmt: skip
    _bound(
        st.segmented_control, f"scope-{index}", step.scope, lambda scope: put(replace(step, scope=scope)),
        label="Where the smallest are sought", options=["matrix", "global"],
        format_func={"matrix": "in each matrix", "global": "over all matrices"}.__getitem__,
    )  # fmt: skip
    _bound(
        st.toggle, f"embeddings-{index}", step.embeddings, lambda on: put(replace(step, embeddings=on)),
        label="Prune the word embeddings too",
    )  # fmt: skip
    st.caption(
        "Zeros make a file easier to compress. On an ordinary processor they save neither time nor dense bytes: "
        "the total stays, only the non-zero count falls."
    )


def _manual_form(step: Manual, put: Callable[[Step], Spec], teacher: Architecture, index: int) -> None:
    from labcore.student.manual import manual_architecture

    sizes = manual_architecture(teacher, step)
    full = Manual(sizes.hidden, sizes.layers, sizes.heads, sizes.intermediate, step.init)
    grain = max(8, teacher.hidden // 48)  # 48 stops on the way
    hidden_options = sorted({*range(grain, teacher.hidden + 1, grain), sizes.hidden, teacher.hidden})

    def with_hidden(hidden: int) -> Spec:
        heads = min(_divisors(hidden), key=lambda n: (abs(n - sizes.heads), n))  # the nearest that shares it evenly
        return put(replace(full, hidden=hidden, heads=heads))

    _bound(
        st.select_slider, f"hidden-{index}", sizes.hidden, with_hidden, label=f"Hidden size (teacher {teacher.hidden})",
        options=hidden_options, help="The width of every state, and of the embeddings. Half of it halves the embeddings and quarters each layer.",
    )  # fmt: skip
    _bound(
        st.slider, f"layers-{index}", sizes.layers, lambda n: put(replace(full, layers=n)),
        label=f"Layers (teacher {teacher.layers})", min_value=1, max_value=max(teacher.layers, sizes.layers),
    )  # fmt: skip
    _bound(
        st.select_slider, f"heads-{index}", sizes.heads, lambda n: put(replace(full, heads=n)),
        label=f"Attention heads (teacher {teacher.heads})", options=_divisors(sizes.hidden, at_least=2),
        help="Heads share the hidden size, so at one hidden size their number changes no parameter.",
    )  # fmt: skip
    grain = max(8, teacher.intermediate // 48)
    _bound(
        st.select_slider, f"intermediate-{index}", sizes.intermediate, lambda n: put(replace(full, intermediate=n)),
        label=f"Feed-forward size (teacher {teacher.intermediate})",
        options=sorted({*range(grain, teacher.intermediate + 1, grain), sizes.intermediate, teacher.intermediate}),
    )  # fmt: skip
    _bound(
        st.segmented_control, f"init-{index}", step.init, lambda init: put(replace(full, init=init)),
        label="Where its weights come from", options=["random", "teacher"],
        format_func={"random": "a random start", "teacher": "cut out of the teacher"}.__getitem__,
        help="Cut out: evenly picked layers, and of each matrix the first rows and columns that fit.",
    )  # fmt: skip
    st.button(
        "Halve everything",
        key=f"halve-{index}",
        on_click=lambda: state.change(put(replace(halved(teacher), init=step.init))),
    )


def _divisors(hidden: int, at_least: int = 1) -> list[int]:
    """Numbers of heads that share a hidden size evenly, down to a head of 8; always at least that many choices."""
    found = [n for n in range(1, hidden + 1) if hidden % n == 0]
    return [n for n in found if hidden // n >= 8] if len([n for n in found if hidden // n >= 8]) >= at_least else found


# -- distillation ------------------------------------------------------------------------------------


def distil_form(spec: Spec) -> None:
    """Weights and temperature of the loss, and the length of the lesson."""
    how = spec.distil

    def put(**changes: Any) -> Spec:
        return replace(spec, distil=replace(how, **changes))

    for name, colour, words in (
        ("hard", "red", "How much the true labels count. At 0 the student only mimics its teacher."),
        (
            "soft",
            "violet",
            "How much the teacher's softened probabilities count: they also say what it nearly answered.",
        ),
        ("hidden", "green", "How much the student's [CLS] state after each layer must be like the teacher's."),
    ):
        _bound(
            st.slider, name, float(getattr(how, name)), lambda value, name=name: put(**{name: value}),
            label=f":{colour}[**{name.capitalize()}** weight]", min_value=0.0, max_value=max(1.0, getattr(how, name)), step=0.05, help=words,
        )  # fmt: skip
    _bound(
        st.slider, "temperature", float(how.temperature), lambda value: put(temperature=value), label="Temperature τ",
        min_value=min(0.5, how.temperature), max_value=max(10.0, how.temperature), step=0.5,
        help="Softens both models' probabilities: at 1 as they are, higher shows more of what the teacher nearly answered.",
    )  # fmt: skip
    _bound(
        st.slider, "epochs", how.epochs, lambda value: put(epochs=value), label="Epochs", min_value=1,
        max_value=max(10, how.epochs), help="How often the student sees each training sentence.",
    )  # fmt: skip
    with st.expander("More", icon=":material/tune:"):
        _bound(
            st.select_slider, "batch_size", how.batch_size, lambda value: put(batch_size=value), label="Batch size",
            options=sorted({8, 16, 32, 64, 128, how.batch_size}),
        )  # fmt: skip
        rates = [None, 5e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3]
        _bound(
            st.selectbox, "learning_rate", how.learning_rate or 0.0, lambda value: put(learning_rate=value or None),
            label="Learning rate", options=sorted({rate or 0.0 for rate in [*rates, how.learning_rate]}),
            format_func=lambda rate: f"{rate:g}" if rate else "what suits the student's start",
        )  # fmt: skip
        _bound(
            st.number_input, "seed", how.seed, lambda value: put(seed=int(value)), label="Seed", min_value=0, step=1,
            help="Fixes every random choice: the same spec gives the same student on one machine.",
        )  # fmt: skip


def formula(how: Distil) -> str:
    """The loss as LaTeX, its weights and temperature filled in, each part on a line and in its colour."""
    t = f"{how.temperature:g}"
    lines = (
        (HARD, rf"{how.hard:g}\cdot\mathrm{{CE}}(y,\ p_{{s}})"),
        (SOFT, rf"{how.soft:g}\cdot{t}^2\,\mathrm{{KL}}\big(p_{{t}}^{{\,\tau={t}}}\,\|\,p_{{s}}^{{\,\tau={t}}}\big)"),
        (HIDDEN, rf"{how.hidden:g}\cdot\mathrm{{MSE}}(W h_{{s}},\ h_{{t}})"),
    )
    parts = r"\\ +\ ".join(rf"&\textcolor{{{colour}}}{{{text}}}" for colour, text in lines)
    return rf"\begin{{aligned}}\mathcal{{L}} = \ {parts}\end{{aligned}}"
