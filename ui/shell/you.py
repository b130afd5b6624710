"""What the person of this browser tells the class: a nickname, and whether it sees the points of their runs."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from labcore.config.spec import SpecError
from labcore.owners.profile import Consent, Profile
from labcore.results.run import MAX_NAME
from labcore.views.markdown import escaped
from ui.shell import server
from ui.shell.guard import callback
from ui.shell.owner import owner
from ui.shell.popover import close_popover, closing_popover
from ui.shell.sharing import shared

MENU, NICKNAME, CONSENT, REFUSED = "you", "you-nickname", "you-consent", "you-refused"
LABELS: dict[Consent, str] = {"no": "not", "unnamed": "without my name", "named": "with my name"}


def you_menu() -> None:
    """On a shared server, draw the button that opens the form; on one for a single machine there is no class."""
    if not shared():
        return
    now = server.store().owners.profile(owner())
    field = f"{NICKNAME}-{now.nickname}"  # another key for another name, so that the field begins with it
    with (
        closing_popover(MENU, f"You: {escaped(now.nickname)}" if now.nickname else "You", width="content",
                        icon=":material/account_circle:"),
        st.form("you-form", border=False),
    ):  # fmt: skip
        st.text_input("Nickname", now.nickname, key=field, help=f"At most {MAX_NAME} characters; empty for none.")
        st.radio(
            "Show my points on the class's frontier",
            get_args(Consent),
            get_args(Consent).index(now.consent),
            key=CONSENT,
            format_func=LABELS.__getitem__,
            help="With your name, others see your nickname and the names, notes and tags of your runs. Without, they "
            "see the designs and their results only. You can change this at any time.",
        )
        if (error := st.session_state.pop(REFUSED, None)) is not None:
            st.error(f"Not saved: {escaped(error)}.")
        st.form_submit_button("Save", key="you-save", on_click=callback(_save), args=(field,))


def _save(field: str) -> None:
    try:
        told = Profile(st.session_state[field].strip(), st.session_state[CONSENT])
        if told.consent == "named" and not told.nickname:
            raise SpecError("there is no nickname to show; type one, or show your points without a name")
        server.store().owners.set(owner(), told)
    except SpecError as error:
        st.session_state[REFUSED] = str(error)
        return
    close_popover(MENU)
