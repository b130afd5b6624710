"""The evaluation of a finished run: its figures, its pictures, and how it differs from its teacher."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from labcore.data.tasks import Task
from labcore.results.evaluation import Evaluation
from labcore.results.run import FinishedRun
from labcore.views.evaluate.evaluation_charts import (
    MANY,
    confusion_height,
    confusion_map,
    error_overlap_chart,
    reliability,
)
from labcore.views.evaluate.evaluation_tables import confusions_table, differences_table
from labcore.views.evaluate.verdicts import error_overlap_in_words
from labcore.views.markdown import unbroken
from labcore.views.palette import STUDENT, TEACHER
from labcore.views.words import percent
from ui.distil.result import accuracy_figures
from ui.shell.chart import chart
from ui.shell.notes import show_findings, show_machine

Matrix = tuple[tuple[int, ...], ...]


def evaluation_figures(run: FinishedRun) -> None:
    """Draw the figures of an evaluation in a row, each with its explanation, and above it the run's findings."""
    show_findings(run)
    row = st.container(key="evaluation-figures", horizontal=True)
    accuracy_figures(run, row)
    show_machine(run)
    evaluation = run.result.evaluation
    if evaluation is None:
        return
    row.metric(
        "Probability loyalty",
        percent(evaluation.probability_loyalty, 1),
        help="How alike the *probabilities* of student and teacher are, not only the predicted labels: 1 − "
        "√(Jensen–Shannon divergence), a mean over the test examples. 100 % means equal probabilities everywhere (Xu "
        "et al., 2021).",
    )
    row.metric(
        "Calibration error",
        percent(evaluation.student_calibration.error, 1),
        f"teacher: {percent(evaluation.teacher_calibration.error, 1)}",
        delta_color="off",
        delta_arrow="off",
        help="The mean gap between confidence and accuracy: of predictions with 90 % confidence, nine in ten should "
        "be right. Expected calibration error over 15 bins (Guo et al., 2017); 0 is best.",
    )


def error_overlap_picture(run: FinishedRun, evaluation: Evaluation) -> None:
    """Draw whether the student mimics or learns, as one picture and in words."""
    accuracy = run.result.accuracy
    words = error_overlap_in_words(evaluation.error_overlap, accuracy)
    st.header("Error overlap: whose mistakes does it make?")
    st.markdown(unbroken(words))
    figure = error_overlap_chart(evaluation.error_overlap, accuracy)
    chart(figure, key="error-overlap", height=270, alt=words.replace("*", ""))
    st.caption(
        "The error overlap. Blue: the student predicts what its teacher predicts. Orange: it predicts another label. "
        "Full colours are right, faint ones wrong. If a student only mimics, both bars are all blue. If its "
        "mistakes were independent of its teacher's, both would turn from right to wrong at the dashed line."
    )


def confusions_and_calibration(evaluation: Evaluation, names: Sequence[str]) -> None:
    """Draw both confusion matrices and the reliability diagram."""
    of_teacher, of_student, of_both = st.columns(3, gap="medium")
    _confusion(of_teacher, "teacher", evaluation.teacher_confusion, names, TEACHER)
    _confusion(of_student, "student", evaluation.student_confusion, names, STUDENT)
    student, teacher = evaluation.student_calibration, evaluation.teacher_calibration
    with of_both:
        st.markdown(
            "**Calibration**",
            help="A reliability diagram: each point is a group of test examples with similar confidence. Below the "
            "diagonal the model is overconfident, above it underconfident. A larger point holds more examples.",
        )
        chart(
            reliability(student, teacher, len(names)),
            key="reliability",
            height=300,
            alt=f"Accuracy against confidence of both: the calibration error is {percent(student.error, 1)} for the "
            f"student, {percent(teacher.error, 1)} for the teacher.",
        )


def confusions_list(evaluation: Evaluation, names: Sequence[str]) -> None:
    """Draw the most frequent confusions as a table, if the matrices have too many cells to be read."""
    if len(names) <= MANY:
        return
    table = confusions_table(evaluation.teacher_confusion, evaluation.student_confusion, names)
    with st.expander("The most frequent confusions", icon=":material/table:"):
        if table.empty:
            st.caption("The student predicts every test example correctly.")
        else:
            st.dataframe(table, hide_index=True, key="confusions")


def _confusion(column: DeltaGenerator, who: str, matrix: Matrix, names: Sequence[str], colour: str) -> None:
    named = {"teacher": ":blue[Teacher's]", "student": ":orange[Student's]"}[who]
    right = sum(row[i] for i, row in enumerate(matrix))
    with column:
        st.markdown(
            f"**{named} confusion matrix**",
            help="A row for each true label, a column for each predicted one. Correct predictions are on the diagonal.",
        )
        chart(
            confusion_map(matrix, names, colour),
            key=f"confusion-{who}",
            height=confusion_height(len(names)),
            alt=f"Confusion matrix of the {who}: {right:,} of {sum(map(sum, matrix)):,} predictions are on its "
            "diagonal.",
        )


def differences_list(evaluation: Evaluation, task: Task) -> None:
    """Draw the examples on which student and teacher differ most."""
    st.header("Where they differ most")
    st.caption(
        f"The {len(evaluation.most_divergent)} test examples with the greatest Jensen–Shannon divergence between their "
        "probabilities: 0 means equal, 1 is the maximum."
    )
    fraction = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(
        differences_table(evaluation.most_divergent, task.splits["test"], task.label_names),
        key="differences",
        hide_index=True,
        height=320,
        row_height=84,  # four lines of text
        column_config={
            "example": st.column_config.TextColumn(width=300),
            "first text": st.column_config.TextColumn(width=240),
            "second text": st.column_config.TextColumn(width=240),
            "teacher, of the true label": fraction,
            "student, of the true label": fraction,
            "divergence": st.column_config.NumberColumn(format="%.2f"),
        },
    )
