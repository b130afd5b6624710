"""The predictions of student and teacher for a text of your own, side by side."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.tasks import Task
from labcore.evaluate.latin_script import non_latin_fraction
from labcore.results.evaluation import MAX_CHARACTERS, TextPrediction
from labcore.results.run import Run
from labcore.views.evaluate.evaluation_charts import probabilities
from labcore.views.evaluate.verdicts import tokens_in_words, unread_in_words
from labcore.views.words import percent
from ui.shell import state
from ui.shell.bound import typed
from ui.shell.chart import chart
from ui.shell.teacher_notes import show_not_opened


def predict_form(run: Run, task: Task) -> None:
    """Draw a text field, and both models' predictions for the text in it. Nothing stores the text."""
    st.header("Try a text of your own")
    if not state.store().has_student(run.id):
        st.info(
            "This run's student is no longer on disk, so it can't predict. The figures above are still those of the "
            "run.",
            icon=":material/folder_off:",
        )
        return
    if show_not_opened(run):
        return
    text = typed(
        st.text_area,
        "Your text",
        MAX_CHARACTERS,
        key="asked",
        height=90,
        placeholder=task.sample,
        help="Both models read it like the test examples. It is not stored, and it is not in the link.",
    )
    if text is None:
        return
    text = text.strip()
    if not text:
        st.caption("Type a text and press Ctrl + Enter. Both models predict its label, and neither is trained on it.")
        return
    from labcore.runs.predict import predict_text  # imports torch

    try:
        student, teacher = predict_text(run, text, state.store())
    except SpecError as error:
        st.error(f"No prediction: {error}")
        return
    _warnings(text, student, teacher)
    if student.probabilities is not None and teacher.probabilities is not None:
        _predictions(student, teacher, task)


def _warnings(text: str, student: TextPrediction, teacher: TextPrediction) -> None:
    """Draw what the models could not read of the text."""
    for prediction, name in ((student, "the student"), (teacher, "the teacher")):
        if words := unread_in_words(prediction, name):
            st.warning(words)
    if fraction := non_latin_fraction(text):
        st.warning(
            f"{percent(fraction)} of the letters are not Latin. Both models were trained on English, so their "
            "predictions for another script mean little."
        )


def _predictions(student: TextPrediction, teacher: TextPrediction, task: Task) -> None:
    """Draw both models' probabilities, and the tokens that they read."""
    assert student.probabilities is not None
    assert teacher.probabilities is not None
    both = zip(task.label_names, teacher.probabilities, student.probabilities, strict=True)
    chart(
        probabilities(student.probabilities, teacher.probabilities, task.label_names),
        key="probabilities",
        height=90 + 60 * len(task.label_names),
        alt="; ".join(f"{name}: teacher {percent(t, 1)}, student {percent(s, 1)}" for name, t, s in both),
    )
    with st.expander("The tokens that each model reads"):
        st.markdown(":orange[Student]")
        st.text(tokens_in_words(student))
        st.markdown(":blue[Teacher]")
        st.text(tokens_in_words(teacher))
