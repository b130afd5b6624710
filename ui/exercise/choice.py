"""The exercise's end: the results revealed, a choice with its reason, and the file to submit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from labcore.data.tasks import load_task
from labcore.exercise.attempt import MAX_NAME, MAX_REASON, MAX_SEEDS, SLOTS, Attempt
from labcore.exercise.attempt_results import AttemptResults, runs_behind, runs_of
from labcore.exercise.rules import MIN_WORDS, config_problem, words_missing
from labcore.exercise.student_pairs import compare_pairs
from labcore.exercise.submission import submit
from labcore.exercise.trade_off import alternatives
from labcore.results.run import Run
from labcore.views.exercise.attempt_tables import (
    alternative_text,
    dominated_in_words,
    exercise_frontier,
    prediction_in_words,
    results_table,
    rule_in_words,
    student_pair_in_words,
)
from labcore.views.exercise.report import report
from ui.exercise.attempts import bound_to_attempt, current, update
from ui.exercise.runs import missing, queue, runs_panel
from ui.exercise.waiting_time import show_waiting_time
from ui.shell import server
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
    pairs = compare_pairs(attempt, runs_behind(results, runs), server.store())
    others = alternatives(attempt, results, pairs)
    st.info(prediction_in_words(attempt, results, others), icon=":material/lightbulb:")
    st.dataframe(results_table(attempt, results, examples), hide_index=True, key="results")
    seeds = "one seed" if results.seeds == 1 else f"the mean of {results.seeds} seeds"
    st.caption(
        f"On {examples:,} test examples, {seeds}. In the table ± and in the chart a bar is the 95 % interval over "
        f"examples. {rule_in_words(attempt)}"
    )
    chart(
        exercise_frontier(attempt, results, examples),
        key="exercise-frontier",
        height=440,
        alt=f"{alternative_text(results)} Dotted lines: the teacher, the acceptable loss below it, and chance.",
    )
    groups = zip(SLOTS, runs_of(attempt, runs), strict=True)
    show_findings_of([(f"{name}, seed {run.spec.distil.seed}", run) for name, group in groups for run in group])
    if pairs:
        test = "McNemar's test on the same examples, seed 0" if results.seeds == 1 else "Paired bootstrap over examples"
        st.markdown(
            f"**Are the differences more than chance?** {test}:\n\n"
            + "\n".join(f"- {student_pair_in_words(pair)}" for pair in pairs)
        )


def _more_seeds(attempt: Attempt, results: AttemptResults, runs: Sequence[Run]) -> None:
    more = replace(attempt, seeds=MAX_SEEDS)
    if attempt.seeds > results.seeds:
        runs_panel(attempt, runs)
    elif attempt.seeds < MAX_SEEDS and not config_problem(more):
        lacking = missing(more, runs)
        possible = show_waiting_time(lacking)
        if st.button(
            f"Run more seeds ({len(lacking)} runs)",
            key="exercise-seeds",
            icon=":material/casino:",
            disabled=not possible,
            help="The same students and training with other orders of the examples. One run does not predict the next.",
        ):
            update(lambda: replace(current(), seeds=MAX_SEEDS))
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
    store = server.store()
    with st.container(horizontal=True):
        st.download_button(
            "Download your submission",
            lambda: submit(attempt, results, store.home).to_json(),
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
            lambda: report(submit(attempt, results), compare_pairs(attempt, runs_behind(results, store.runs()), store)),
            f"{slug}.html",
            "text/html",
            key="report",
            icon=":material/article:",
            disabled=not attempt.name,
            on_click="ignore",
        )
