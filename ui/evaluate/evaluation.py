"""A finished run judged: which one, its figures, and the pictures of its judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.config.spec import DistilConfig, Spec
from labcore.data.tasks import Task
from labcore.results.evaluation import Evaluation
from labcore.results.run import FinishedRun
from labcore.views.evaluate.evaluation_charts import confusion_map, differences_table, mistakes, reliability
from labcore.views.evaluate.verdicts import error_overlap_in_words
from labcore.views.palette import STUDENT, TEACHER
from labcore.views.teacher_names import teacher_column
from labcore.views.words import percent, student_in_words, training_in_words
from ui.distil.result import accuracy_figures
from ui.shell import state
from ui.shell.chart import chart
from ui.shell.guard import callback
from ui.shell.notes import show_findings
from ui.shell.teacher_notes import show_changed, show_where


def run_in_words(run: FinishedRun, teacher: str | None = None) -> str:
    """A finished run in a list, with what differs from others of its design: teacher, configuration, seed and time."""
    return (
        f"{trained_in_words(run.spec, teacher)} · {percent(run.result.accuracy, 1)} · seed {run.spec.distil.seed} · "
        f"{run.created[:16].replace('T', ' ')}"
    )


def trained_in_words(spec: Spec, teacher: str | None = None) -> str:
    """A student, its teacher's name if one is given, and what is unusual in its lesson, but for the seed."""
    usual, lesson = training_in_words(DistilConfig()), training_in_words(replace(spec.distil, seed=0))
    whose = f" · teacher {teacher}" if teacher else ""
    return student_in_words(spec) + whose + ("" if lesson == usual else f" ({lesson})")


def choose_run(finished: Sequence[FinishedRun]) -> FinishedRun:
    """The run that the link looks at, where it has finished, else the newest; and the way to another."""
    by_id, teachers = {run.id: run for run in finished}, teacher_column(finished)
    wanted = state.run_id()
    shown = by_id.get(wanted or "", finished[0])
    if st.session_state.get("judged") != shown.id:
        st.session_state.judged = shown.id
    st.selectbox(
        "Student",
        list(by_id),
        key="judged",
        format_func=lambda run: run_in_words(by_id[run], teachers.get(run)),
        on_change=callback(lambda: state.show_run(st.session_state.judged)),
        help="Every finished run: its student, its test accuracy, its seed, and when it was made (UTC). If there are several "
        "teachers, its teacher stands with it.",
    )
    show_where(shown.spec)
    show_changed(shown)
    if wanted and wanted not in by_id:
        st.caption(f"Run `{wanted}`, which you looked at last, has no result; this is the newest run that has one.")
    return shown


def evaluation_figures(run: FinishedRun) -> None:
    """The figures of a judgement in a row, each explained; above it what must be known before them."""
    show_findings(run)
    row = st.container(key="evaluation-figures", horizontal=True)
    accuracy_figures(run, row)
    found = run.result.evaluation
    if found is None:
        return
    row.metric(
        "Loyalty",
        percent(found.probability_loyalty, 1),
        help="How alike the *probabilities* of student and teacher are, not only the answers: 1 − √(Jensen–Shannon "
        "divergence), a mean over the sentences. 100 % is the same probabilities everywhere (Xu et al., 2021).",
    )
    row.metric(
        "Calibration error",
        percent(found.student_calibration.error, 1),
        f"teacher: {percent(found.teacher_calibration.error, 1)}",
        delta_color="off",
        delta_arrow="off",
        help="How far confidence and accuracy are apart, on average: a model that is 90 % sure should be right nine times in "
        "ten. Expected calibration error over 15 bins (Guo et al., 2017); 0 is best.",
    )


def mistakes_picture(run: FinishedRun, found: Evaluation) -> None:
    """Whether it mimics or learns, in one picture and a sentence."""
    accuracy = run.result.accuracy
    words = error_overlap_in_words(found.error_overlap, accuracy)
    st.header("Whose mistakes does it make?")
    st.markdown(words)
    chart(mistakes(found.error_overlap, accuracy), key="mistakes", height=270, alt=words.replace("*", ""))
    st.caption(
        "Blue: it answers as its teacher does. Orange: it answers for itself. Full colours are right, faint ones wrong. "
        "A student that only mimics is blue throughout: its lower bar turns from right to wrong far to the left of the dashed line."
    )


def confusions_and_calibration(found: Evaluation, task: Task) -> None:
    """What each takes for what, and how sure it is of it."""
    names = task.label_names
    places = st.columns(3, gap="medium")
    for place, who, colour, matrix, colour_name in (
        (places[0], "teacher", TEACHER, found.teacher_confusion, "blue"),
        (places[1], "student", STUDENT, found.student_confusion, "orange"),
    ):
        with place:
            st.markdown(
                f"**What the :{colour_name}[{who}] takes for what**",
                help="A confusion matrix: a row for each true label, with how often each answer was given. Right answers are "
                "on the diagonal.",
            )
            right = sum(row[i] for i, row in enumerate(matrix))
            chart(
                confusion_map(matrix, names, colour),
                key=f"confusion-{who}",
                height=300,
                alt=f"Confusion matrix of the {who}: {right:,} of {sum(map(sum, matrix)):,} answers are on its diagonal.",
            )
    with places[2]:
        st.markdown(
            "**Is it as sure as it is right?**",
            help="A reliability diagram: sentences are put together by how sure the model is of its answer. Below the diagonal "
            "it is too sure, above it not sure enough. A larger point holds more sentences.",
        )
        chart(
            reliability(found.student_calibration, found.teacher_calibration, len(names)),
            key="reliability",
            height=300,
            alt="Accuracy against confidence of both: the calibration error is "
            f"{percent(found.student_calibration.error, 1)} for the student, {percent(found.teacher_calibration.error, 1)} "
            "for the teacher.",
        )


def differences_list(found: Evaluation, task: Task) -> None:
    """The sentences on which the two differ most."""
    st.header("Where they differ most")
    st.caption(
        f"The {len(found.differences)} test sentences with the greatest Jensen–Shannon divergence between the two's "
        "probabilities: 0 is none, 1 the most there can be."
    )
    share = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(
        differences_table(found.differences, task.splits["test"], task.label_names),
        key="differences",
        hide_index=True,
        height=320,
        row_height=84,  # four lines of a sentence
        column_config={
            "sentence": st.column_config.TextColumn(width=300),
            "teacher, of the truth": share,
            "student, of the truth": share,
            "apart": st.column_config.NumberColumn(format="%.2f"),
        },
    )
