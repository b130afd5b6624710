"""What the frontier measures or fits on demand: times and memory of its models, and models without an encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from labcore.config.spec import Spec
from labcore.data.tasks import task_is_here
from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.lower_anchors import anchor_key
from labcore.evaluate.pareto_front import Measurements, Teacher
from labcore.evaluate.provenance import teacher_of, teacher_unchanged
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.frontier_measured import TimeAndMemory
from labcore.results.run import FinishedRun
from labcore.runs.frontier_files import (
    MeasuredKey,
    keep,
    keep_anchor,
    kept_anchor,
    measured_key,
    measurements,
    read_kept,
    teacher_spec,
)
from labcore.views.frontier.axis_words import COST_NAMES
from ui.shell import server

WAIT = "A run is training. Wait for its end, because both would be slower."
Missing = dict[MeasuredKey, tuple[Spec, bool]]  # a spec, and whether its encoder is measured


def measured_models(runs: Sequence[FinishedRun], axes: Axes) -> Measurements:
    """What is measured of these runs by a measured axis; draws a note and a button if a model lacks it."""
    if not axes.measured:
        return Measurements()
    measured = measurements(server.store().home, runs)
    missing = _missing(runs)
    lacking = [run for run in runs if run.id not in measured.runs]
    here = [run for run in lacking if _measurable(run)]
    if gone := len(lacking) - len(here):
        st.caption(
            f":material/visibility_off: {gone:,} {'run is' if gone == 1 else 'runs are'} left out: the teacher that "
            "they were distilled from, or their data, are not on this machine any more, so they can't be measured."
        )
    if missing:
        _offer(missing, len(here), axes)
    return measured


def _measurable(run: FinishedRun) -> bool:
    return teacher_unchanged(run) and task_is_here(run.spec.task)


def _missing(runs: Sequence[FinishedRun]) -> Missing:
    """The models of these runs that have no measurement on this machine, each design once."""
    missing: Missing = {}
    for run in filter(_measurable, runs):
        _, identity = teacher_of(run)
        if identity is None:
            continue
        for spec, encoder in ((run.spec, True), (teacher_spec(run.spec), True), (teacher_spec(run.spec), False)):
            key = measured_key(spec, identity, encoder=encoder)
            if key not in missing and read_kept(server.store().home, key, TimeAndMemory.from_json) is None:
                missing[key] = spec, encoder
    return missing


def _offer(missing: Missing, lacking: int, axes: Axes) -> None:
    """Draw how many runs have no point yet, and the button that measures all that is missing."""
    busy = server.jobs().busy()
    if lacking:
        st.caption(
            f":material/timer: {lacking:,} {'run has' if lacking == 1 else 'runs have'} no point, because this machine "
            f"has not measured *{COST_NAMES[axes.cost]}* yet."
        )
    if busy:
        st.caption(WAIT)
    if st.button(
        f"Measure {len(missing)} model{'' if len(missing) == 1 else 's'}",
        key="frontier-measure",
        icon=":material/timer:",
        disabled=busy,
        help="Takes the median of at least 20 passes over one example of 128 tokens, after a warm-up, and the peak "
        "memory of one pass. Some 2 seconds for each model.",
    ):
        _measure(missing)
        st.rerun()


def _measure(missing: Missing) -> None:
    """Measure these models; each is kept as soon as it is measured."""
    with st.spinner("Loading torch, once…", show_time=True):
        server.jobs().wait_until_loaded()
    from labcore.runs.frontier_measuring import measure_design, measure_without_encoder

    bar = st.progress(0.0, "Warming up")
    for i, (key, (spec, encoder)) in enumerate(missing.items()):
        bar.progress(i / len(missing), f"Model {i + 1} of {len(missing)}")
        measure = measure_design if encoder else measure_without_encoder
        keep(server.store().home, key, measure(spec))
    bar.empty()


def anchor_results(runs: Sequence[FinishedRun]) -> dict[Teacher, TokenVectorResult]:
    """The token-vector models of the teachers of these runs; draws a button for those that can be fitted here."""
    results: dict[Teacher, TokenVectorResult] = {}
    missing: dict[Teacher, Spec] = {}
    for run in runs:
        teacher = teacher_of(run)
        if teacher in results or teacher in missing or teacher[1] is None or not task_is_here(run.spec.task):
            continue
        result = kept_anchor(server.store().home, teacher[1], run.spec.task)
        if result is not None:
            results[teacher] = result
        elif teacher_unchanged(run):
            missing[teacher] = teacher_spec(run.spec)
    if missing:
        _offer_anchors(missing)
    return results


def _offer_anchors(missing: Mapping[Teacher, Spec]) -> None:
    """Draw the button that fits these models."""
    busy = server.jobs().busy()
    if busy:
        st.caption(WAIT)
    if st.button(
        "Add a model without an encoder",
        key="frontier-anchor",
        icon=":material/horizontal_rule:",
        disabled=busy,
        help="A lower anchor. Fits a linear head to the mean of the teacher's token vectors on the training split, and "
        "evaluates it on the test split. Some seconds for ten thousand examples. The result is kept.",
    ):
        for teacher, spec in missing.items():
            _fit(teacher, spec)
        st.rerun()


def _fit(teacher: Teacher, spec: Spec) -> None:
    """Fit one teacher's model and keep it. Shows why if it can't be done."""
    with st.spinner("Fitting the linear head…", show_time=True):
        server.jobs().wait_until_loaded()
        from labcore.runs.token_vector_anchor import token_vector_anchor
        from labcore.system.progress import finish

        assert teacher[1] is not None
        result = finish(token_vector_anchor(spec.teacher, spec.task, server.store().targets))
        keep_anchor(server.store().home, anchor_key(teacher[1], spec.task), result)


def measured_anchors(
    results: Mapping[Teacher, TokenVectorResult], task: str, axes: Axes
) -> dict[Teacher, TimeAndMemory]:
    """The time and memory of these models on this machine, as far as they are measured and an axis needs them."""
    if not axes.measured:
        return {}
    read = partial(read_kept, server.store().home, made_of=TimeAndMemory.from_json)
    every = {
        teacher: read(measured_key(Spec(teacher=teacher[0], task=task), teacher[1] or "", encoder=False))
        for teacher in results
    }
    return {teacher: measured for teacher, measured in every.items() if measured is not None}
