"""The guess that a stop asks for, before its act."""

from __future__ import annotations

import streamlit as st

from labcore.guide.tour.stop import Stop
from ui.shell.guard import callback
from ui.tour.session import journal, keep


def guess(stop: Stop, *, locked: bool) -> None:
    """Draw the question and its choices; once the act has begun, the guess stays as it is."""
    key = f"tour-guess-{stop.name.replace(' ', '-')}"

    def changed() -> None:
        if (choice := st.session_state[key]) is not None:
            keep(journal().guessed(stop.name, stop.choices.index(choice)))

    given = journal().guesses.get(stop.name)
    st.pills(
        f"**Your guess.** {stop.question}",
        stop.choices,
        default=None if given is None else stop.choices[given],
        key=key,
        on_change=callback(changed),
        disabled=locked,
    )
