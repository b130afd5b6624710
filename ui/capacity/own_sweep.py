"""A sweep of your own on the page: its teacher, sizes and seeds, the button that runs what is missing, its progress."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.config.spec import SpecError
from labcore.results.run import Run
from labcore.runs.own_sweep import MAX_SEEDS, SEEDS, Pair, SweepRuns, capacity_sweep, seeds_begun, sweep_runs
from labcore.teacher.own_teachers import ready_entry
from labcore.views.teacher_names import own_in_words, short_names
from labcore.views.words import percent, student_in_words, training_in_words
from ui.shell import on_show, server
from ui.shell.guard import callback, escaped
from ui.shell.listed import listed_teachers
from ui.shell.sweep_bar import sweep_bar

REFERENCE = "reference"
CHOICE = "capacity-teacher"


def choose_teacher() -> str | None:
    """Draw the choice of a teacher if you have one; the name of yours, or None for the reference results."""
    own = {each.name: each for each in listed_teachers()}
    now = on_show.swept()
    if now is not None and now not in own:
        try:
            ready_entry(now)
        except SpecError as error:
            st.warning(f"{escaped(str(error))[:1].upper()}{escaped(str(error))[1:]}.", icon=":material/folder_off:")
        now = None
    if not own:
        st.caption(
            "These results are of the built-in teacher `reviews`. Once you have a teacher of your own, from the page "
            "*Data*, you can run the same sweep for it here."
        )
        return None
    shown = now or REFERENCE
    if st.session_state.get(CHOICE) != shown:
        st.session_state[CHOICE] = shown
    names = short_names(own)
    st.selectbox(
        "Teacher",
        [REFERENCE, *own],
        key=CHOICE,
        format_func=lambda name: (
            "reviews · built in, reference results" if name == REFERENCE else own_in_words(names[name], own[name].task)
        ),
        on_change=callback(_chose),
        help="The reference results come with the lab. For a teacher of your own, this page runs the same sweep.",
    )
    return now


def _chose() -> None:
    chosen = st.session_state[CHOICE]
    on_show.show_sweep(None if chosen == REFERENCE else chosen)


def own_sweep(teacher: str) -> SweepRuns | None:
    """Draw the sweep's settings, its button and its progress; its runs, or None if it can't be made."""
    with st.spinner("Loading torch, once…", show_time=True):
        server.jobs().wait_until_loaded()
    try:
        with st.spinner("Counting the students…"):
            every, ratios = _sweep(teacher)
    except SpecError as error:
        st.error(f"No sweep: {escaped(str(error))}.", icon=":material/error:")
        return None
    runs = server.store().runs()
    pairs, seeds = _settings(teacher, every, ratios, runs)
    if not pairs:
        st.info("Choose at least one size.")
        return None
    now = sweep_runs([spec for pair in pairs for spec in pair], seeds, runs)
    sweep_bar(now, "sweep")
    return now


def _sweep(teacher: str) -> tuple[tuple[Pair, ...], list[float]]:
    from labcore.runs.cache import counted  # imports torch

    pairs = capacity_sweep(teacher)
    ratios = [counted(distilled).ratio for distilled, _ in pairs]
    by_size = sorted(zip(ratios, range(len(pairs)), strict=True))
    return tuple(pairs[i] for _, i in by_size), [ratio for ratio, _ in by_size]


def _settings(
    teacher: str, every: Sequence[Pair], ratios: Sequence[float], runs: Sequence[Run]
) -> tuple[list[Pair], int]:
    """Draw the choice of sizes and seeds."""
    names = [percent(ratio, 1) for ratio in ratios]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.pills(
        "Sizes, as fractions of the teacher's parameters",
        range(len(every)),
        selection_mode="multi",
        wrap=True,
        default=range(len(every)),
        key=f"sweep-sizes-{teacher}",
        format_func=names.__getitem__,
        help="Each is a student of the reference results, in proportion to your teacher.",
    )
    seeds = right.number_input(
        "Seeds",
        1,
        MAX_SEEDS,
        min(MAX_SEEDS, max(SEEDS, seeds_begun([spec for pair in every for spec in pair], runs))),
        key=f"sweep-seeds-{teacher}",
        help="Runs of each student. One shows no interval; more make it narrower.",
    )
    with st.expander("The students of this sweep", icon=":material/list:"):
        rows = [
            {"size": name, "student": student_in_words(spec), "training": training_in_words(spec.distil)}
            for name, (spec, _) in zip(names, every, strict=True)
        ]
        st.dataframe(rows, hide_index=True, key="sweep-students")
        st.caption(
            "Each is trained twice: with the teacher, and in the same number of steps on the true labels only. No "
            "transfer set is read, because your data have none."
        )
    return [every[i] for i in sorted(chosen)], int(seeds)
