"""The counts of the student beside its teacher's, above everything that takes longer."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec, SpecError
from labcore.results.counts import Comparison
from labcore.teacher.built_in import has_weights
from labcore.views.words import percent
from ui.design.refusal import show_refusal
from ui.shell import server


def counts_of(spec: Spec) -> Comparison | SpecError:
    """The counts of the spec's teacher and student, or why the spec makes no student; waits until torch is loaded."""
    if not server.jobs().loaded:
        with st.spinner("Loading torch, once…", show_time=True):
            server.jobs().wait_until_loaded()
    from labcore.runs.cache import counted  # imports torch

    try:
        return counted(spec)
    except SpecError as error:
        return error


def show_counts(spec: Spec, counts: Comparison | SpecError) -> None:
    """The figures of a student, or one sentence on what the spec must change."""
    if isinstance(counts, SpecError):
        show_refusal(counts, spec)
        return
    student, teacher = counts.student, counts.teacher
    figures = st.container(key="counts", horizontal=True)
    figures.metric(
        "Teacher", f"{teacher.total:,}", help="The teacher's parameters: every number that training can change."
    )
    figures.metric("Student", f"{student.total:,}", help="The student's parameters, including zeros.")
    figures.metric("Size", percent(counts.ratio, 1), help="The student's parameters as a percentage of the teacher's.")
    figures.metric(
        "Non-zero",
        f"{student.nonzero:,}",
        help="The student's parameters whose value is not 0."
        + ("" if has_weights(spec.teacher) else " Without weights, only the zeros of pruning are known."),
    )
    assert student.cost is not None
    assert teacher.cost is not None
    figures.metric(
        "Arithmetic",
        percent(student.cost.macs / teacher.cost.macs, 1),
        help=f"Multiply-accumulates for an example of {student.cost.tokens} tokens, as a percentage of the "
        f"teacher's: {student.cost.macs / 1e6:,.0f} of {teacher.cost.macs / 1e6:,.0f} million.",
    )
    if any(step.rounds for step in spec.steps):
        stored, in_teacher = student.cost.bytes["stored"], teacher.cost.bytes["stored"]
        figures.metric(
            "Stored",
            percent(stored / in_teacher, 1),
            help="The file of the student's weights, as a percentage of the teacher's. Its capacity: "
            f"{student.total:,} parameters of {8 * stored / student.total:.1f} bits, scales and all, are "
            f"{stored / 1e6:,.2f} MB. The teacher's file has {in_teacher / 1e6:,.1f} MB.",
        )
