"""A finished run in figures, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from labcore.data.spurious_cue import WORD
from labcore.results.run import FinishedRun, Run
from labcore.system.files import packed
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.words import duration, percent, student_in_words
from ui.shell import state
from ui.shell.guard import queued
from ui.shell.notes import show_findings
from ui.shell.teacher_notes import show_changed, show_where


def result_figures(run: FinishedRun) -> None:
    """Accuracy, retention, agreement and time of a finished run, in a row; above it what must be known before them."""
    show_findings(run)
    row = st.container(key="result", horizontal=True)
    accuracy_figures(run, row)
    row.metric("Time", duration(run.result.seconds), help="The whole run, from loading the teacher to the test.")


def accuracy_figures(run: FinishedRun, row: DeltaGenerator) -> None:
    """Accuracy, retention and agreement of a finished run, as parts of a row."""
    teacher, student = run.result.teacher_accuracy, run.result.accuracy
    row.metric(
        "Test accuracy",
        percent(student, 1),
        f"{100 * (student - teacher):+.1f} points to the teacher",
        delta_color="off",
        help="Share of the test sentences, which no model has trained on, that the student gets right.",
    )
    row.metric("Retention", percent(run.result.retention, 1), help="The student's accuracy over the teacher's.")
    row.metric(
        "Agreement",
        percent(run.result.agreement, 1),
        help="Share of the test sentences on which student and teacher answer alike, right or wrong.",
    )
    if (found := run.result.conditions) is not None:
        row.metric(
            "Against the cue",
            percent(found.accuracy["contradicts"], 1),
            f"without it: {percent(found.accuracy['clean'], 1)}",
            delta_color="off",
            delta_arrow="off",
            help=f"Accuracy on the test sentences with the word “{WORD}” in all negative ones alone, where it contradicts the "
            f"label. Its teacher's: {percent(found.teacher_accuracy['contradicts'], 1)}. Far below the accuracy without the word, the "
            "student has taken over what its teacher learned wrongly.",
        )


def point_details(run: FinishedRun, seeds: Sequence[FinishedRun], shipped: bool) -> None:
    """The panel beside the frontier: what the point is, its figures, its spec, and where to go from there.

    seeds: the finished runs of its design and teacher, each seed once, by its newest run. shipped: whether it came with the lab.
    """
    st.markdown(f"## :orange[{student_in_words(run.spec)}]")
    show_where(run.spec)
    show_changed(run)
    st.markdown(
        f"{run.counts.student.total:,} parameters, **{percent(run.counts.ratio, 1)}** of the teacher's; "
        f"{run.counts.student.nonzero:,} are not zero."
    )
    newest = run.id in {seed.id for seed in seeds}
    if len(seeds) > 1:
        accuracies = [seed.result.accuracy for seed in seeds]
        one = " One of them:" if newest else ""
        st.markdown(f"Mean of {len(seeds)} seeds: **{accuracy_in_words(accuracies)}** (95 % interval).{one}")
    if not newest:
        st.caption(f"Seed {run.spec.distil.seed} ran again later. The newer run counts, and this one stands below.")
    result_figures(run)
    with st.container(horizontal=True):
        if not shipped:
            if st.button("Judge it", key="point-judge", icon=":material/gavel:"):
                st.switch_page("pages/evaluate.py")
            if st.button("Its curves", key="point-curves", icon=":material/show_chart:"):
                st.switch_page("pages/distil.py")
        elif st.button("Run it yourself", key="point-run", icon=":material/local_fire_department:"):
            state.take(run.spec)
            if state.spec() != run.spec:  # it can't be taken, which the next page says
                st.switch_page("pages/distil.py")
            if (begun := queued(run.spec)) is not None:
                state.show_run(begun)
                st.switch_page("pages/distil.py")
        if st.button("Design from it", key="point-design", icon=":material/architecture:"):
            state.take(run.spec)
            st.switch_page("pages/design.py")
        _download(run)
    with st.expander("Its spec", icon=":material/data_object:"):
        st.code(run.spec.to_json(indent=2), language="json")
        st.download_button(
            "Download spec.json", partial(run.spec.to_json, 2), f"{run.id}.json", "application/json", on_click="ignore"
        )


def _download(run: FinishedRun) -> None:
    folder = state.store().student_folder(run.id)
    if folder.is_dir():
        st.download_button(
            "Download the student",
            partial(packed, folder),
            f"{run.id}.zip",
            "application/zip",
            key="point-download",
            icon=":material/download:",
            on_click="ignore",
            help="Its weights, shapes, spec, tokenizer and card in one file. `labcore.compress.load` reads the folder; where it "
            "is a plain BERT, transformers does, too.",
        )
