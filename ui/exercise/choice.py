"""The exercise's end: the results revealed, a choice with its reason, and the file to submit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import streamlit as st

from labcore.data.tasks import load_task
from labcore.exercise.attempt import MAX_NAME, MAX_REASON, MAX_SEEDS, SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, runs_of
from labcore.exercise.rules import MIN_WORDS, config_problem, words_missing
from labcore.exercise.submission import submit
from labcore.results.run import Run, finished_runs
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
from ui.exercise.attempts import bound_to_attempt, current, save
from ui.exercise.runs import missing, queue, runs_panel
from ui.shell import state
from ui.shell.chart import chart
from ui.shell.notes import show_findings_of

# -- 5: choose -----------------------------------------------------------------------------------------


def choose_stage(attempt: Attempt, results: AttemptResults, runs: Sequence[Run]) -> None:
    """The results, and which student the person chooses, with a reason."""
    _show_results(attempt, results, runs)
    _more_seeds(attempt, results, runs)
    bound_to_attempt(
        st.segmented_control,
        "choice",
        attempt.choice,
        lambda slot: replace(current(), choice=slot),
        label="Which student do you choose?",
        options=list(range(len(SLOTS))),
        format_func=SLOTS.__getitem__,
    )
    if words := dominated_in_words(attempt, results):
        st.warning(words, icon=":material/flag:")
    bound_to_attempt(
        st.text_area,
        "reason",
        attempt.reason,
        lambda reason: replace(current(), reason=reason),
        label="Why? Name the results that decide, and what you would use it for.",
        most=MAX_REASON,
        height=140,
        placeholder="I choose … because …",
    )
    lacking = words_missing(attempt.reason)
    st.caption(f"{lacking} more of at least {MIN_WORDS} words." if lacking else f"{len(attempt.reason.split())} words.")


def _show_results(attempt: Attempt, results: AttemptResults, runs: Sequence[Run]) -> None:
    examples = len(load_task(attempt.task).splits["test"])
    st.info(prediction_in_words(attempt, results), icon=":material/lightbulb:")
    st.dataframe(results_table(attempt, results, examples), hide_index=True, key="results")
    seeds = "one seed" if results.seeds == 1 else f"the mean of {results.seeds} seeds"
    st.caption(
        f"On {examples:,} test examples, {seeds}; ± is the 95 % interval over examples. {rule_in_words(attempt)}"
    )
    chart(
        exercise_frontier(attempt, results, examples),
        key="exercise-frontier",
        height=380,
        alt=alternative_text(results),
    )
    groups = zip(SLOTS, runs_of(attempt, runs), strict=True)
    show_findings_of([(f"{name}, seed {run.spec.distil.seed}", run) for name, group in groups for run in group])
    _pairs(attempt, runs)


def _pairs(attempt: Attempt, runs: Sequence[Run]) -> None:
    """The paired comparison of each two students."""
    from labcore.runs.paired_comparison import NotComparable, paired_comparison  # imports torch

    store = state.store()
    finished = finished_runs(runs)
    groups = zip(SLOTS, map(finished_runs, runs_of(attempt, runs)), strict=True)
    first_runs = [(name, group[0]) for name, group in groups if group]
    lines = []
    for (a, run), (b, other) in combinations(first_runs, 2):
        try:
            lines.append(f"- {pair_in_words(paired_comparison(run, other, finished, store).pair, a, b)}")
        except NotComparable:
            continue
    if lines:
        st.markdown(
            "**Are the differences more than chance?** McNemar's test on the same examples, seed 0:\n\n"
            + "\n".join(lines)
        )


def _more_seeds(attempt: Attempt, results: AttemptResults, runs: Sequence[Run]) -> None:
    more = replace(attempt, seeds=MAX_SEEDS)
    if attempt.seeds > results.seeds:
        runs_panel(attempt, runs)
    elif attempt.seeds < MAX_SEEDS and not config_problem(more):
        lacking = missing(more, runs)
        if st.button(
            f"Run more seeds ({len(lacking)} runs)",
            key="exercise-seeds",
            icon=":material/casino:",
            help="The same students and training with other orders of the examples. One run does not predict the next.",
        ):
            save(replace(current(), seeds=MAX_SEEDS))
            if queue(lacking):
                st.rerun()


# -- 6: submit -----------------------------------------------------------------------------------------


def submission_stage(attempt: Attempt, results: AttemptResults) -> None:
    """The name, the file to submit, and the report to read."""
    bound_to_attempt(
        st.text_input,
        "exercise-name",
        attempt.name,
        lambda name: replace(current(), name=" ".join(name.split())),
        label="Your name, as your instructor knows it",
        most=MAX_NAME,
    )
    if results.seeds < attempt.seeds:
        st.info("The further seeds are still running, or are missing: see stage 5.", icon=":material/hourglass_top:")
        return
    slug = "-".join(re.findall(r"\w+", attempt.name.lower())) or "exercise"  # letters of any script
    _downloads(attempt, results, slug)
    if not attempt.name:
        st.caption("Both need your name.")
        return
    st.markdown(
        f"Submit `{slug}.json`. It holds your designs, counts, prediction, choice and reason, and the results. "
        f"Whoever grades it runs `python -m labcore grade {slug}.json`, which recomputes every result. "
        "You may do so first."
    )


def _downloads(attempt: Attempt, results: AttemptResults, slug: str) -> None:
    """The two files. The server makes each one when it is downloaded, outside of any session."""
    with st.container(horizontal=True):
        st.download_button(
            "Download your submission",
            lambda: submit(attempt, results).to_json(),
            f"{slug}.json",
            "application/json",
            key="submission",
            type="primary",
            icon=":material/assignment_turned_in:",
            disabled=not attempt.name,
            on_click="ignore",
        )
        st.download_button(
            "Download a report to read",
            lambda: report(submit(attempt, results)),
            f"{slug}.html",
            "text/html",
            key="report",
            icon=":material/article:",
            disabled=not attempt.name,
            on_click="ignore",
        )
