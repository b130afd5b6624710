"""The table of all runs, a row for each seed group, from which a person picks up to four."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from labcore.evaluate.run_groups import RunGroup, group_of
from labcore.views.grouped_numbers import grouped_numbers
from labcore.views.markdown import escaped
from labcore.views.runs.group_table import group_table
from ui.shell import on_show
from ui.shell.guard import callback

TALLEST = 400  # pixels: the height of a long table


def chosen_groups(groups: Sequence[RunGroup]) -> list[RunGroup]:
    """The groups to be shown below the table: those of the address's runs, in its order."""
    chosen = {group.shown.id: group for run in on_show.shown_runs() if (group := group_of(run, groups)) is not None}
    if gone := [run for run in on_show.shown_runs() if group_of(run, groups) is None]:
        words = ", ".join(f"`{escaped(run)}`" for run in gone)
        st.warning(f"This lab has no run {words}: it was deleted, or it is on another server.")
    on_show.show_runs(chosen)
    return list(chosen.values())


def groups_list(groups: Sequence[RunGroup], names: Mapping[str, str]) -> None:
    """Draw the table, and the field with the chosen groups, which a keyboard reaches."""
    ids = [group.shown.id for group in groups]
    chosen = list(on_show.shown_runs())
    key = f"runs-table-{st.session_state.get('runs-table-drawn', 0)}"
    percents = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        grouped_numbers(group_table(groups), ("parameters",)),
        hide_index=True,
        placeholder="–",
        key=key,
        height=TALLEST if len(groups) > 9 else "auto",
        on_select=callback(_pick_rows),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run) for run in chosen if run in ids]}},
        column_config={
            **dict.fromkeys(("accuracy", "retention", "size"), percents),
            "name": st.column_config.TextColumn(pinned=True),
            "tags": st.column_config.ListColumn(),
            "newest": st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm", help="When the newest began, in UTC."
            ),
            "runs": st.column_config.NumberColumn(help="Runs of this design: its seeds, and reruns of a seed."),
            "mean over seeds": st.column_config.TextColumn(
                help="Test accuracy with its 95 % interval over seeds, if there are two or more."
            ),
        },
    )
    st.session_state["runs-picked-from"] = (key, ids)
    st.session_state["runs-chosen"] = chosen
    st.multiselect(
        "Shown below",
        list(names),
        key="runs-chosen",
        format_func=names.__getitem__,
        max_selections=on_show.MAX_COMPARED,
        placeholder="Choose one to see it, two to four to compare them",
        on_change=callback(_pick_names),
        help="The same as the marks at the left of the table.",
    )


def _pick_rows() -> None:
    """Show the rows that are marked now, and those that the search hides."""
    key, ids = st.session_state["runs-picked-from"]
    rows = st.session_state[key]["selection"]["rows"]
    marked = [ids[row] for row in rows if row < len(ids)]
    before = [run for run in on_show.shown_runs() if run in marked or run not in ids]
    on_show.show_runs([*before, *marked])
    if len({*before, *marked}) > on_show.MAX_COMPARED:
        _draw_again()
        st.toast(f"At most {on_show.MAX_COMPARED} are shown beside each other.", icon=":material/info:")


def _pick_names() -> None:
    on_show.show_runs(st.session_state["runs-chosen"])
    _draw_again()


def _draw_again() -> None:
    """Have the table drawn with the marks of the runs that are shown: under another key it forgets its own."""
    st.session_state["runs-table-drawn"] = st.session_state.get("runs-table-drawn", 0) + 1
