"""The exercise's end: the results revealed, a choice with its reason, and the file to hand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import streamlit as st

from labcore.data.tasks import load_task
from labcore.exercise.attempt import MAX_SEEDS, MOST_NAME, MOST_REASON, SLOTS, Attempt
from labcore.exercise.attempt_results import Figures, runs_of
from labcore.exercise.rules import MIN_WORDS, config_problem, words_missing
from labcore.exercise.submission import submission
from labcore.results.run import Run
from labcore.views.evaluate.verdicts import pair_in_words
from labcore.views.exercise.attempt_tables import (
    alternative_text,
    dominated_in_words,
    exercise_frontier,
    prediction_in_words,
    results_table,
    rule_in_words,
)
from labcore.views.exercise.report import report
from ui.exercise.attempts import current, note, noted
from ui.exercise.runs import missing, queue, runs_panel
from ui.shell import state
from ui.shell.chart import chart
from ui.shell.notes import show_findings_of

# -- 5: choose -----------------------------------------------------------------------------------------


def choose_stage(attempt: Attempt, found: Figures, runs: Sequence[Run]) -> None:
    """What came of it, and which student the person takes, with a reason."""
    sentences = len(load_task(attempt.task).splits["test"])
    st.info(prediction_in_words(attempt, found), icon=":material/lightbulb:")
    st.dataframe(results_table(attempt, found, sentences), hide_index=True, key="results")
    seeds = "one seed" if found.seeds == 1 else f"the mean of {found.seeds} seeds"
    st.caption(
        f"On {sentences:,} test sentences, {seeds}; ± is the 95 % interval over sentences. {rule_in_words(attempt)}"
    )
    chart(
        exercise_frontier(attempt, found, sentences),
        key="exercise-frontier",
        height=380,
        alt=alternative_text(found),
    )
    groups = zip(SLOTS, runs_of(attempt, runs), strict=True)
    show_findings_of([(f"{name}, seed {run.spec.distil.seed}", run) for name, group in groups for run in group])
    _pairs(attempt, runs)
    _more_seeds(attempt, found, runs)
    noted(
        st.segmented_control,
        "choice",
        attempt.choice,
        lambda slot: replace(current(), choice=slot),
        label="Which student do you take?",
        options=list(range(len(SLOTS))),
        format_func=SLOTS.__getitem__,
    )
    if words := dominated_in_words(attempt, found):
        st.warning(words, icon=":material/flag:")
    noted(
        st.text_area,
        "reason",
        attempt.reason,
        lambda reason: replace(current(), reason=reason),
        label="Why? Name the figures that decide, and where it would be used.",
        most=MOST_REASON,
        height=140,
        placeholder="I take … because …",
    )
    lacking = words_missing(attempt.reason)
    st.caption(f"{lacking} more of at least {MIN_WORDS} words." if lacking else f"{len(attempt.reason.split())} words.")


def _pairs(attempt: Attempt, runs: Sequence[Run]) -> None:
    """What can't be told apart on these sentences, for each two students."""
    from labcore.runs.paired_comparison import NotComparable, paired_comparison

    store = state.store()
    first = [group[0] for group in runs_of(attempt, runs) if group]
    lines = []
    for (a, run), (b, rival) in combinations(list(zip(SLOTS, first, strict=False)), 2):
        try:
            lines.append(f"- {pair_in_words(paired_comparison(run, rival, runs, store).pair, a, b)}")
        except NotComparable:
            continue
    if lines:
        st.markdown(
            "**Are the differences more than chance?** McNemar's test on the same sentences, seed 0:\n\n"
            + "\n".join(lines)
        )


def _more_seeds(attempt: Attempt, found: Figures, runs: Sequence[Run]) -> None:
    more = replace(attempt, seeds=MAX_SEEDS)
    if attempt.seeds > found.seeds:
        runs_panel(attempt, runs)
    elif attempt.seeds < MAX_SEEDS and not config_problem(more):
        lacking = missing(more, runs)
        if st.button(
            f"Run more seeds ({len(lacking)} runs)",
            key="exercise-seeds",
            icon=":material/casino:",
            help="The same students and lesson with other orders of sentences: one run says little of the next.",
        ):
            note(replace(current(), seeds=MAX_SEEDS))
            if queue(lacking):
                st.rerun()


# -- 6: hand in ----------------------------------------------------------------------------------------


def submission_stage(attempt: Attempt, found: Figures) -> None:
    """The name, the file to hand in, and the report to read."""
    noted(
        st.text_input,
        "exercise-name",
        attempt.name,
        lambda name: replace(current(), name=" ".join(name.split())),
        label="Your name, as your teacher knows you",
        most=MOST_NAME,
    )
    if found.seeds < attempt.seeds:
        st.info("The further seeds are still running, or are missing: see stage 5.", icon=":material/hourglass_top:")
        return
    ready = bool(attempt.name)
    slug = "-".join(re.findall(r"\w+", attempt.name.lower())) or "exercise"  # letters of any script
    with st.container(horizontal=True):
        st.download_button(
            "Download your hand-in",
            lambda: submission(attempt, found).to_json(),  # called by the server later, where there is no session
            f"{slug}.json",
            "application/json",
            key="hand-in",
            type="primary",
            icon=":material/assignment_turned_in:",
            disabled=not ready,
            on_click="ignore",
        )
        st.download_button(
            "Download a report to read",
            lambda: report(submission(attempt, found)),
            f"{slug}.html",
            "text/html",
            key="report",
            icon=":material/article:",
            disabled=not ready,
            on_click="ignore",
        )
    if not ready:
        st.caption("Both need your name.")
        return
    st.markdown(
        f"Hand in `{slug}.json`. It holds your designs, counts, prediction, choice and reason, and the figures. Whoever grades it "
        f"runs `python -m labcore grade {slug}.json`, which computes every figure again; you may do so first."
    )
