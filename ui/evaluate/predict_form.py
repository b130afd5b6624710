"""The predictions of student and teacher for a text of your own, side by side."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.latin_script import non_latin_fraction
from labcore.data.tasks import Task
from labcore.results.evaluation import MAX_CHARACTERS, TextPrediction
from labcore.results.run import Run
from labcore.teacher.own_teachers import is_english
from labcore.views.evaluate.evaluation_charts import likely_labels, probabilities
from labcore.views.evaluate.verdicts import tokens_in_words, unread_in_words
from labcore.views.words import percent
from ui.shell import server
from ui.shell.attention import bring_into_view
from ui.shell.bound import typed
from ui.shell.chart import chart
from ui.shell.guard import callback
from ui.shell.teacher_notes import show_not_opened

PREDICTED = "predicted"  # the container of the result


def predict_form(run: Run, task: Task) -> None:
    """Draw a text field, and both models' predictions for the text in it. Nothing stores the text."""
    st.header("Try a text of your own", anchor="predict")
    if not server.store().has_student(run.id):
        st.info(
            "This run's student is no longer on disk, so it can't predict. The figures above are still those of the "
            "run.",
            icon=":material/folder_off:",
        )
        return
    if show_not_opened(run):
        return
    text, second = _asked(task)
    if text is None or second is None:
        return
    text, second = text.strip(), second.strip()
    if task.pairs and bool(text) != bool(second):
        st.caption("An example of this task is a pair of texts: type both.")
        return
    if not text:
        st.caption(
            "Type a text, then press *Predict* or Ctrl + Enter. Both models predict its label here, and neither is "
            "trained on it."
        )
        return
    from labcore.runs.predict import predict_text  # imports torch

    try:
        student, teacher = predict_text(run, text, server.store(), second if task.pairs else None)
    except SpecError as error:
        st.error(f"No prediction: {error}")
        return
    with st.container(key=PREDICTED):
        _warnings(run, f"{text} {second}", student, teacher)
        if student.probabilities is not None and teacher.probabilities is not None:
            _predictions(student, teacher, task)


def _asked(task: Task) -> tuple[str | None, str | None]:
    """Draw the form and return its text, and the second text of a pair; None for one that is too long."""
    second: str | None = ""
    with st.form("predict", border=False):
        text = typed(
            st.text_area,
            "Your first text" if task.pairs else "Your text",
            MAX_CHARACTERS,
            key="asked",
            height=90,
            placeholder=task.sample,
            help="Both models read it like the test examples. It is not stored, and it is not in the link.",
        )
        if task.pairs:
            second = typed(
                st.text_area,
                "Your second text",
                MAX_CHARACTERS,
                key="asked-second",
                height=90,
                placeholder=task.sample_second,
            )
        st.form_submit_button(
            "Predict",
            key="predict",
            icon=":material/psychology:",
            on_click=callback(bring_into_view),
            args=(PREDICTED,),
        )
    return text, second


def _warnings(run: Run, text: str, student: TextPrediction, teacher: TextPrediction) -> None:
    """Draw what the models could not read of the text."""
    for prediction, name in ((student, "the student"), (teacher, "the teacher")):
        if words := unread_in_words(prediction, name):
            st.warning(words)
    if fraction := non_latin_fraction(text):
        why = (
            "Both models were trained on English, so their predictions for another script mean little."
            if is_english(run.spec.teacher)
            else "If the teacher was pre-trained on English only, predictions for another script mean little."
        )
        st.warning(f"{percent(fraction)} of the letters are not Latin. {why}")


def _predictions(student: TextPrediction, teacher: TextPrediction, task: Task) -> None:
    """Draw both models' probabilities, and the tokens that they read."""
    assert student.probabilities is not None
    assert teacher.probabilities is not None
    drawn = likely_labels(student.probabilities, teacher.probabilities)
    names = [task.label_names[i] for i in drawn]
    of_student, of_teacher = [student.probabilities[i] for i in drawn], [teacher.probabilities[i] for i in drawn]
    both = zip(names, of_teacher, of_student, strict=True)
    chart(
        probabilities(of_student, of_teacher, names),
        key="probabilities",
        height=90 + 60 * len(drawn),
        alt="; ".join(f"{name}: teacher {percent(t, 1)}, student {percent(s, 1)}" for name, t, s in both),
    )
    if len(drawn) < len(task.label_names):
        st.caption(f"The {len(drawn)} likeliest of {len(task.label_names)} labels.")
    with st.expander("The tokens that each model reads"):
        st.markdown(":orange[Student]")
        st.text(tokens_in_words(student))
        st.markdown(":blue[Teacher]")
        st.text(tokens_in_words(teacher))
