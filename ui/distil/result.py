"""The figures of a finished run, and what you can do with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from labcore.evaluate.significance import over_seeds
from labcore.evaluate.training_length import training_length
from labcore.results.run import FinishedRun
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.markdown import escaped
from labcore.views.mimicry.cue_words import contradicting_in_words
from labcore.views.words import design_in_words, duration, percent, training_length_in_words
from ui.shell import server, state
from ui.shell.guard import queued
from ui.shell.notes import show_findings
from ui.shell.rename_menu import rename_menu
from ui.shell.teacher_notes import show_changed, show_where


def result_figures(run: FinishedRun) -> None:
    """Accuracy, retention, agreement and time of a finished run, in a row; above it the findings to read first."""
    show_findings(run)
    row = st.container(key="result", horizontal=True)
    accuracy_figures(run, row)
    on = f" Computed on {escaped(run.machine)}." if run.machine else ""
    row.metric(
        "Time", duration(run.result.seconds), help=f"The whole run, from loading the teacher to the test split.{on}"
    )


def accuracy_figures(run: FinishedRun, row: DeltaGenerator) -> None:
    """Add accuracy, retention and agreement of a finished run to a row."""
    teacher, student = run.result.teacher_accuracy, run.result.accuracy
    row.metric(
        "Test accuracy",
        percent(student, 1),
        f"{100 * (student - teacher):+.1f} points vs. the teacher",
        delta_color="off",
        help="The fraction of test examples that the student classifies correctly. No model was trained on them.",
    )
    row.metric("Retention", percent(run.result.retention, 1), help="The student's accuracy over the teacher's.")
    row.metric(
        "Agreement",
        percent(run.result.agreement, 1),
        help="The fraction of test examples for which student and teacher predict the same class, right or wrong.",
    )
    if (conditions := run.result.conditions) is not None:
        row.metric(
            "Against the cue",
            percent(conditions.accuracy["contradicts"], 1),
            f"without it: {percent(conditions.accuracy['clean'], 1)}",
            delta_color="off",
            delta_arrow="off",
            help=f"Accuracy on the test examples {contradicting_in_words(run.spec.task)}, so that it contradicts the "
            f"label. The teacher's is {percent(conditions.teacher_accuracy['contradicts'], 1)}. If "
            "the student's is far below its accuracy without the word, it has learned the cue from its teacher.",
        )


def point_details(run: FinishedRun, seeds: Sequence[FinishedRun], *, name: str, shipped: bool) -> None:
    """The panel beside the frontier: a point's student, its figures, its spec, and the pages to go to.

    seeds: the finished runs of its design and teacher, the newest run of each seed. name: the point's.
    shipped: whether it came with the lab.
    """
    st.markdown(f"## :orange[{escaped(name)}]")
    st.caption(design_in_words(run.spec))
    show_where(run.spec)
    show_changed(run)
    st.markdown(
        f"{run.counts.student.total:,} parameters, **{percent(run.counts.ratio, 1)}** of the teacher's; "
        f"{run.counts.student.nonzero:,} are nonzero. Trained {training_length_in_words(training_length(run))}."
    )
    newest = run.id in {seed.id for seed in seeds}
    if len(seeds) > 1:
        accuracy = over_seeds([seed.result.accuracy for seed in seeds])
        one = " One of them:" if newest else ""
        st.markdown(f"Mean of {len(seeds)} seeds: **{accuracy_in_words(accuracy)}** (95 % interval).{one}")
    if not newest:
        st.caption(
            f"Seed {run.spec.distil.seed} has a newer run, which is in the mean. The figures below are of this older "
            "one."
        )
    result_figures(run)
    with st.container(horizontal=True):
        if not shipped:
            if st.button("Evaluate it", key="point-evaluate", icon=":material/fact_check:"):
                st.switch_page("pages/evaluate.py")
            if st.button("See its curves", key="point-curves", icon=":material/show_chart:"):
                st.switch_page("pages/distil.py")
            rename_menu(run)
        elif st.button("Run it yourself", key="point-run", icon=":material/local_fire_department:"):
            state.take(run.spec)
            if state.spec() != run.spec:  # the session can't take it: the next page shows why
                st.switch_page("pages/distil.py")
            if (run_id := queued(run.spec)) is not None:
                state.show_run(run_id)
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
    store = server.store()
    if store.has_student(run.id):
        st.download_button(
            "Download the student",
            partial(store.student_as_zip, run.id),
            f"{run.id}.zip",
            "application/zip",
            key="point-download",
            icon=":material/download:",
            on_click="ignore",
            help="Its weights, architecture, spec, tokenizer and card in one file. `labcore.compress.load` reads the "
            "folder; if it is a plain member of its family, transformers reads it, too.",
        )
