"""The Design page's controls: the teacher, the way to derive a student, and the sliders of each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from labcore.spec import Factorise, KeepLayers, Manual, Prune, Spec, Step
from labcore.teacher.architecture import BUILT_IN, TEACHERS, Architecture
from ui.bound import bound
from ui.manual_form import halved, manual_form

FAMILIES: dict[str, str] = {
    "keep_layers": "Fewer layers",
    "factorise": "Low rank",
    "prune": "Sparse",
    "manual": "Manual",
}


def family_of(spec: Spec) -> str | None:
    """The family of a spec with one step; None where there are several, or none."""
    return spec.steps[0].kind if len(spec.steps) == 1 else None


def default_step(kind: str, teacher: Architecture) -> Step:
    """Where a family's sliders begin."""
    match kind:
        case "keep_layers":
            return KeepLayers(count=teacher.layers // 2)
        case "factorise":
            return Factorise(rank=teacher.hidden // 6)
        case "prune":
            return Prune(sparsity=0.5)
        case _:
            return halved(teacher)


def teacher_form(spec: Spec) -> None:
    """Choose the teacher: one that can teach, or an architecture to count."""

    def described(name: str) -> str:
        sizes = BUILT_IN[name]
        return f"{name} · {sizes.layers} layers × {sizes.hidden}" + ("" if name in TEACHERS else " · counting only")

    def commit(name: str) -> Spec:
        kind = family_of(spec)
        if kind == "prune":  # a share fits every size
            return replace(spec, teacher=name)
        return replace(spec, teacher=name, steps=(default_step(kind or "keep_layers", BUILT_IN[name]),))

    bound(
        st.selectbox,
        "teacher",
        spec.teacher,
        commit,
        label="Teacher",
        options=list(BUILT_IN),
        format_func=described,
        help="The pre-trained BERT to shrink. Only `reviews` has weights here; the others can be counted.",
    )


def family_form(spec: Spec, teacher: Architecture) -> None:
    """Choose the way to derive the student; each family comes back as it was left."""
    remembered = st.session_state.setdefault("remembered", {})
    for step in spec.steps:
        remembered[step.kind, spec.teacher] = step

    def commit(kind: str) -> Spec:
        return replace(spec, steps=(remembered.get((kind, spec.teacher)) or default_step(kind, teacher),))

    bound(
        st.segmented_control,
        "family",
        family_of(spec),
        commit,
        label="Way to derive the student",
        options=list(FAMILIES),
        format_func=FAMILIES.__getitem__,
        width="stretch",
        help="Fewer layers: structural pruning. Low rank: each matrix as two thin factors. Sparse: magnitude pruning, "
        "small weights become zeros. Manual: a new, smaller BERT.",
    )


def step_form(spec: Spec, index: int, teacher: Architecture) -> None:
    """The sliders of the step at `index`, and only those."""
    step = spec.steps[index]

    def put(new: Step) -> Spec:
        return replace(spec, steps=(*spec.steps[:index], new, *spec.steps[index + 1 :]))

    match step:
        case KeepLayers():
            _keep_layers(step, put, teacher, index)
        case Factorise():
            _factorise(step, put, teacher, index)
        case Prune():
            _prune(step, put, index)
        case Manual():
            manual_form(step, put, teacher, index)


def _keep_layers(step: KeepLayers, put: Callable[[Step], Spec], teacher: Architecture, index: int) -> None:
    from labcore.student.layers import picked_layers

    count = min(step.count or len(step.layers or ()), teacher.layers)
    kept = step.layers or picked_layers(teacher.layers, count, step.pick)
    by_pick = kept == picked_layers(teacher.layers, count, step.pick)
    bound(
        st.slider,
        f"keep-count-{index}",
        count,
        lambda n: put(KeepLayers(count=n, pick=step.pick)),
        label=f"Encoder layers to keep, of {teacher.layers}",
        min_value=1,
        max_value=teacher.layers,
        help="An encoder layer is one round of attention and feed-forward. The student keeps the teacher's own weights.",
    )
    bound(
        st.segmented_control,
        f"keep-pick-{index}",
        step.pick if by_pick else None,
        lambda pick: put(KeepLayers(count=count, pick=pick)),
        label="Which ones",
        options=["even", "first", "last"],
        help="Even spreads them over the depth, the last one among them.",
    )
    bound(
        st.pills,
        f"keep-layers-{index}",
        list(kept),
        lambda chosen: put(KeepLayers(layers=tuple(sorted(chosen)))),
        label="Or pick them by hand",
        options=list(range(teacher.layers)),
        format_func=lambda layer: str(layer + 1),
        selection_mode="multi",
    )


def _factorise(step: Factorise, put: Callable[[Step], Spec], teacher: Architecture, index: int) -> None:
    from labcore.student.factorise import break_even_rank

    limit = min(teacher.hidden, teacher.intermediate)
    bound(
        st.slider,
        f"rank-{index}",
        min(step.rank, limit),
        lambda rank: put(Factorise(rank)),
        label="Rank of each encoder matrix",
        min_value=1,
        max_value=limit,
        help="Each matrix (out × in) becomes (out × rank) times (rank × in): its best approximation of that rank.",
    )
    square, wide = (break_even_rank(teacher.hidden, n) for n in (teacher.hidden, teacher.intermediate))
    words = (
        f"Two factors are smaller than the matrix up to rank {square} for the attention's {teacher.hidden} × "
        f"{teacher.hidden}, and {wide} for the feed-forward's {teacher.hidden} × {teacher.intermediate}."
    )
    if step.rank > square:
        st.warning(f"At rank {step.rank} some matrices grow. {words}")
    else:
        st.caption(words)


def _prune(step: Prune, put: Callable[[Step], Spec], index: int) -> None:
    bound(
        st.slider,
        f"sparsity-{index}",
        round(100 * step.sparsity),
        lambda percent: put(replace(step, sparsity=percent / 100)),
        label="Sparsity: % of the weights set to zero",
        min_value=0,
        max_value=99,
        help="The smallest magnitudes go, and stay zero while the student learns. The base is the encoder's matrices.",
    )
    bound(
        st.segmented_control,
        f"scope-{index}",
        step.scope,
        lambda scope: put(replace(step, scope=scope)),
        label="Where the smallest are sought",
        options=["matrix", "global"],
        format_func={"matrix": "in each matrix", "global": "over all matrices"}.__getitem__,
        required=True,
    )
    bound(
        st.toggle,
        f"embeddings-{index}",
        step.embeddings,
        lambda on: put(replace(step, embeddings=on)),
        label="Prune the word embeddings too",
    )
    st.caption(
        "On an ordinary processor zeros save neither time nor dense bytes: the total stays, only the non-zero count "
        "falls. They make the file easier to compress."
    )
