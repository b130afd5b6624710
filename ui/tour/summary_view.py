"""What you found: each claim with your guess, your number and the recorded one; three questions; where to read on."""

from __future__ import annotations

import streamlit as st

from labcore.guide.tour import STOPS
from labcore.guide.tour.questions import QUESTIONS, Question
from labcore.guide.tour.stop import ReferenceFigures
from labcore.views.markdown import unbroken
from labcore.views.tour.summary import READ_ON, guess_in_words, result_in_words, summary_markdown
from labcore.views.words import student_in_words
from ui.shell.guard import callback
from ui.tour.session import journal, keep


def summary(shown: ReferenceFigures, origin: str) -> None:
    """Draw the whole page. origin: of the reference results, in one line."""
    mine = journal()  # the file is made outside the session, which has the journal
    done = [stop for stop in STOPS if stop.name in mine.numbers]
    own = mine.student
    with st.container(horizontal=True, vertical_alignment="center"):
        named = "" if own is None else f" Your student: :orange[**{student_in_words(own)}**]."
        st.markdown(f"You did **{len(done)} of {len(STOPS)}** stops.{named}")
        st.download_button(
            "Download what you found",
            lambda: summary_markdown(mine, shown, origin),
            "what-you-found.md",
            "text/markdown",
            key="tour-download",
            icon=":material/download:",
            on_click="ignore",
        )
    for number in range(1, len(STOPS) + 1):
        _stop(number, shown)
    st.header("Three questions")
    st.markdown("Your own results above settle each of them.")
    for question in QUESTIONS:
        _question(question)
    st.header("Read on")
    st.markdown("\n".join(f"- [{title}]({address})" for title, address in READ_ON))
    st.page_link("pages/exercise.py", label="Take the exercise: predict, then test it", icon=":material/assignment:")


def _stop(number: int, shown: ReferenceFigures) -> None:
    stop = STOPS[number - 1]
    result = result_in_words(stop, journal(), shown)
    with st.container(border=True, key=f"summary-{number}", gap="xsmall"):
        st.markdown(f"**{number}. {stop.title}.** {stop.claim}")
        st.markdown(f"*{stop.question}* {guess_in_words(stop, journal(), shown)}")
        st.markdown(unbroken(result) if result else "You skipped this stop, so there is no number of yours.")
        st.caption(f"**What it does not show.** {stop.limits}")


def _question(question: Question) -> None:
    key = f"question-{question.name.replace(' ', '-')}"

    def changed() -> None:
        if (choice := st.session_state[key]) is not None:
            keep(journal().chose(question.name, question.choices.index(choice)))

    chosen = journal().questions.get(question.name)
    st.radio(question.text, question.choices, index=chosen, key=key, on_change=callback(changed))
    if chosen == question.right:
        st.success(f"Right. {question.because}", icon=":material/check_circle:")
    elif chosen is not None:
        st.warning(f"Not what the results show. {question.because}", icon=":material/replay:")
