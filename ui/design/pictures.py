"""The Design page's pictures: one at a time, so that only the chosen one is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, Prune, Quantise
from labcore.models.architecture import Role
from labcore.results.counts import Comparison, Counts
from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.teacher.identity import known_identity
from labcore.views.design.cost_table import cost_table, not_reduced
from labcore.views.design.flow import flow
from labcore.views.design.towers import alternative_text, towers
from labcore.views.design.weight_pictures import (
    ROLE_NAMES,
    matrix_map,
    roles_in,
    singular_values,
    weights_histogram,
    weights_on_grid,
)
from labcore.views.grouped_numbers import grouped_numbers
from labcore.views.markdown import escaped
from labcore.views.tables import parts_table
from labcore.views.words import percent
from ui.design.comparison import NAMES
from ui.shell import server, state
from ui.shell.chart import chart

PICTURES = {"drawing": "Drawing", "flow": "Step by step", "inside": "Inside", "cost": "Cost"}
DRAWING = 470  # pixels, the height of the drawing
AWAITED = "Teacher and student are drawn here again as soon as every step can be carried out."


def pictures(spec: Spec, comparison: Comparison, others: Mapping[str, Counts]) -> None:
    """The switch between pictures, and the one chosen. `others`: students kept for comparison, by name."""
    picture = st.segmented_control(
        "Picture",
        list(PICTURES),
        default="drawing",
        key="look",
        format_func=PICTURES.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    match picture:
        case "flow":
            _flow(spec)
        case "inside":
            _inside(spec)
        case "cost":
            _cost(spec, comparison, others)
        case _:
            _drawing(spec, others)


def awaited_picture() -> None:
    """The place of the drawing while no student can be made."""
    chart(None, key="towers", height=DRAWING, alt="No drawing yet", awaits=AWAITED)


def _drawing(spec: Spec, others: Mapping[str, Counts]) -> None:
    from labcore.runs.cache import zero_positions

    comparison = zero_positions(spec)
    chart(
        towers(comparison.teacher, {"Student": comparison.student, **others}),
        key="towers",
        height=DRAWING,
        alt=alternative_text(comparison),
    )
    st.caption("Area is parameters, on one scale. The width of a block is the hidden size.")
    numbers = st.expander("Every part in numbers", icon=":material/table:", key="parts", on_change="rerun")
    if numbers.open:  # a closed table costs each move of a slider as much as an open one
        ratio = st.column_config.NumberColumn(format="%.1f %%")
        numbers.dataframe(
            grouped_numbers(parts_table(comparison), ("teacher", "student")),
            hide_index=True,
            column_config={"student / teacher": ratio},
        )


def _flow(spec: Spec) -> None:
    from labcore.runs.cache import zero_positions

    stages = [("Teacher", zero_positions(replace(spec, steps=())).teacher)]
    for i, step in enumerate(spec.steps):
        made = zero_positions(replace(spec, steps=spec.steps[: i + 1])).student
        stages.append((f"{i + 1}. {step.describe()}", made))
    chart(
        flow(stages),
        key="flow",
        height=470,
        alt="Parameters by part after each step: " + "; ".join(f"{name}: {counts.total:,}" for name, counts in stages),
    )
    st.caption("Hollow: parameters that a step removed. Hatched: parameters whose value is 0, which stay in place.")


def _inside(spec: Spec) -> None:
    from labcore.runs.cache import matrices_of_design

    weights = has_weights(spec.teacher)
    with st.spinner("Reading the weights…", show_time=True):
        matrices = matrices_of_design(spec)
    what, choices = "kept", {"kept": "elements kept", "energy": "energy kept"}
    if any(matrix.rounding_error is not None for matrix in matrices):
        choices["rounding error"] = "rounding error"
    if weights:
        what = st.segmented_control(
            "Colour",
            list(choices),
            default="kept",
            key="map-of",
            format_func=choices.__getitem__,
            required=True,
            help="Elements: those that are stored and not 0, as a percentage of the teacher's matrix. Energy: the same "
            "for the sum of squared weights. Rounding error: the norm of what rounding changed, as a percentage of the "
            "matrix's norm.",
        )
    chart(
        matrix_map(matrices, what, matrices_of_design(replace(spec, steps=()))),
        key="matrix-map",
        height=74 + 30 * (1 + max(matrix.layer for matrix in matrices)),
        alt="For each encoder layer and matrix, the percentage of its elements or of its energy that is kept.",
    )
    if any(matrix.zeros is None for matrix in matrices):
        st.caption("The number of zeros in each matrix depends on the weights, and this architecture has none here.")
    _spread(spec, weights, roles_in(matrices))


def _spread(spec: Spec, weights: bool, roles: list[Role]) -> None:
    """The weights or singular values of one matrix, for a step that prunes, factorises or rounds."""
    from labcore.runs.cache import grid_of_step, histogram_of_step, spectrum_of_step, structure_of_design

    shown = [i for i, step in enumerate(spec.steps) if isinstance(step, Prune | Factorise | Quantise)]
    if not shown:
        return
    if not weights:
        st.caption(f"Histograms and singular values need weights: choose {ready_teachers('`')} to see them.")
        return
    with st.container(horizontal=True):
        index = shown[-1]
        if len(shown) > 1:
            index = st.selectbox(
                "Step",
                shown,
                index=len(shown) - 1,
                key="spread-step",
                format_func=lambda i: f"{i + 1}. {spec.steps[i].describe()}",
            )
        layers = structure_of_design(replace(spec, steps=spec.steps[:index])).architecture.layers
        layer = st.selectbox("Layer", range(layers), key="spread-layer", format_func=lambda i: str(i + 1))
        role: Role = st.selectbox("Matrix", roles, key="spread-role", format_func=ROLE_NAMES.__getitem__)
    step = spec.steps[index]
    name = f"layer {layer + 1}, {ROLE_NAMES[role]}"
    with st.spinner("Reading the weights…", show_time=True):
        if isinstance(step, Prune):
            figure = weights_histogram(histogram_of_step(spec, index, layer, role))
            alt = f"Histogram of the weights of {name}: those set to zero, and those kept."
        elif isinstance(step, Quantise):
            figure = weights_on_grid(grid_of_step(spec, index, layer, role))
            alt = f"Histogram of the weights of {name} before rounding, with the values that they are rounded to."
        else:
            figure = singular_values(spectrum_of_step(spec, index, layer, role))
            alt = f"Singular values of {name}, falling, with the rank that is kept and the energy up to each rank."
    chart(figure, key="spread", height=320, alt=alt)
    if isinstance(step, Factorise) and step.method == "activation":
        st.caption(
            "Singular values of the matrix times the root of its inputs' covariance: the effect of each direction on "
            "real examples."
        )
    if isinstance(step, Quantise):
        st.caption("Dashed: the values that are left. Each weight becomes the nearest; 8 bits have too many to draw.")


def _cost(spec: Spec, comparison: Comparison, others: Mapping[str, Counts]) -> None:
    from labcore.runs.cache import latency

    tokens = comparison.student.cost.tokens if comparison.student.cost else 128
    designs = {
        "Teacher": (),
        "Student": spec.steps,
        **{name: steps for name, steps in zip(NAMES, state.pinned(), strict=False) if name in others},
    }
    measured = st.session_state.setdefault("measured", {})
    teacher = spec.teacher, known_identity(spec.teacher)  # its files may be replaced
    busy = server.jobs().busy()
    if st.button(
        "Measure the time on this machine",
        key="measure",
        icon=":material/timer:",
        disabled=busy,
        help="Takes the median of at least 20 passes at batch 1 and 32, after a warm-up. The lab's teacher takes about "
        "half a minute.",
    ):
        bar = st.progress(0.0, "Warming up")
        for i, (name, steps) in enumerate(designs.items()):
            for j, batch in enumerate((1, 32)):
                bar.progress((2 * i + j) / (2 * len(designs)), f"{name}, batch {batch}")
                measured[teacher, steps, batch] = latency(replace(spec, steps=steps), batch, tokens)
        bar.empty()
    if busy:
        st.caption("A run is training. Wait for its end to measure time, because both would be slower.")
    latencies = {
        name: [measured[teacher, steps, batch] for batch in (1, 32) if (teacher, steps, batch) in measured]
        for name, steps in designs.items()
    }
    if devices := sorted({each.device for timed in latencies.values() for each in timed if each.device}):
        st.caption(f"Timed on {escaped(', '.join(devices))}.")
    st.dataframe(
        cost_table(comparison.teacher, {"Student": comparison.student, **others}, latencies),
        hide_index=True,
        row_height=34,
        height="content",
    )
    threads = next((measured[0].threads for measured in latencies.values() if measured), None)
    st.caption(
        "Percentages are of the teacher's. Multiply-accumulates are those of the matrix products for an example of "
        f"{tokens} tokens, as torch counts them. int8 leaves out a quantiser's scales."
        + (f" Times are medians, in fp32 on {threads} threads, for examples of the same length." if threads else "")
    )
    for note in not_reduced(comparison, spec.steps):
        st.markdown(f":material/info: {note}")
    if any(step.changes_vocabulary for step in spec.steps):
        _unknown(spec)


def _unknown(spec: Spec) -> None:
    """The percentage of [UNK] among the tokens that the student will read."""
    from labcore.runs.cache import best_known
    from labcore.runs.export_untrained import unknown_shares

    with st.spinner("Tokenising every example…", show_time=True):
        shares = unknown_shares(spec.teacher, spec.task, best_known(spec).vocabulary)
    st.caption(
        "[UNK] among the tokens, for words that can't be tokenised any more: "
        + ", ".join(f"{percent(fraction, 2)} in {split}" for split, fraction in shares.items())
    )
