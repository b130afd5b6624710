"""A sentence of one's own, read by student and teacher side by side."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.tasks import Task
from labcore.results.evaluation import MAX_CHARACTERS
from labcore.results.run import Run
from labcore.views.evaluate.evaluation_charts import pieces_in_words, probabilities
from labcore.views.evaluate.verdicts import foreign_share, reading_in_words
from labcore.views.words import percent
from ui.shell import state
from ui.shell.bound import typed
from ui.shell.chart import chart
from ui.shell.teacher_notes import show_not_opened


def predict_form(run: Run, task: Task) -> None:
    """The box, and what both make of what is typed in it. What is typed is kept nowhere."""
    st.header("Try a sentence")
    store = state.store()
    if not store.has_student(run.id):
        st.info(
            "This run's student is no longer on disk, so it can't be asked; its figures are still those that were measured.",
            icon=":material/folder_off:",
        )
        return
    if show_not_opened(run):
        return
    text = typed(
        st.text_area,
        "Your sentence",
        MAX_CHARACTERS,
        key="asked",
        height=90,
        placeholder="A film with one good joke, told four times.",
        help="Both models read it as they read the test sentences. It is not stored, and not in the link.",
    )
    if text is None:
        return
    text = text.strip()
    if not text:
        st.caption("Type a sentence and press Ctrl + Enter: both answer, and neither learns from it.")
        return
    from labcore.runs.predict import predict_text

    try:
        student, teacher = predict_text(run, text, store)
    except SpecError as error:
        st.error(f"It can't be asked: {error}")
        return
    for reading, name in ((student, "the student"), (teacher, "the teacher")):
        if words := reading_in_words(reading, name):
            st.warning(words)
    if foreign := foreign_share(text):
        st.warning(
            f"{percent(foreign)} of the letters are not Latin. Both have learned from English sentences: what they make of "
            "another script means little."
        )
    if student.probabilities is None or teacher.probabilities is None:
        return
    both = zip(task.label_names, teacher.probabilities, student.probabilities, strict=True)
    chart(
        probabilities(student.probabilities, teacher.probabilities, task.label_names),
        key="answers",
        height=90 + 60 * len(task.label_names),
        alt="; ".join(f"{name}: teacher {percent(t, 1)}, student {percent(s, 1)}" for name, t, s in both),
    )
    with st.expander("The word pieces that each read"):
        st.markdown(":orange[Student]")
        st.text(pieces_in_words(student))
        st.markdown(":blue[Teacher]")
        st.text(pieces_in_words(teacher))
