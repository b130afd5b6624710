"""The people of this server: who is here, what each has, and the removal of what one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from labcore.exercise.owner_removal import remove_owner
from labcore.owners.profile import Profile
from labcore.results.run import Run
from labcore.views.host.people_table import known_owners, people_names, people_table
from labcore.views.markdown import escaped
from ui.shell import server
from ui.shell.guard import callback
from ui.shell.owner import person
from ui.shell.presence import presence

CHOSEN, SURE = "host-person", "host-sure"


def names_here() -> dict[str, str]:
    """The names of all owners that this server knows, by their ids."""
    return _names(server.store().runs(), server.store().owners.all())


def _names(runs: Sequence[Run], profiles: Mapping[str, Profile]) -> dict[str, str]:
    return people_names(known_owners(runs, profiles, presence().here()), profiles)


def people_panel() -> None:
    """Draw the table of people, and the form that removes all that one of them has."""
    runs, profiles, here = server.store().runs(), server.store().owners.all(), presence().here()
    names = _names(runs, profiles)
    st.header("People")
    st.markdown(f"{len(here):,} here within the last five minutes, {len(names):,} in all.")
    if not names:
        return
    st.dataframe(people_table(names, profiles, runs, here), hide_index=True)
    with st.expander("Remove what somebody has"):
        owner = st.selectbox("Person", list(names), format_func=names.__getitem__, key=CHOSEN, index=None)
        if owner is None:
            st.caption("Choose a person. All of their runs, teachers, data sets and attempts go, for good.")
            return
        sure = st.checkbox(f"Remove all that {escaped(names[owner])} has. This can't be undone.", key=SURE)
        st.button(
            "Remove",
            icon=":material/delete_forever:",
            disabled=not sure,
            help=None if sure else "Tick the box first.",
            on_click=callback(_remove),
            args=(owner, names[owner]),
        )


def _remove(owner: str, name: str) -> None:
    remove_owner(owner, server.jobs(), person(), server.searches())
    st.session_state[SURE], st.session_state[CHOSEN] = False, None
    st.toast(f"All that {name} had is gone.", icon=":material/delete_forever:")
