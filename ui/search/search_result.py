"""The result of a search: its student, how probable that is, the runs behind it, and what to do with it."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import Spec
from labcore.search.halving import spec_of
from labcore.search.history import History
from labcore.search.outcome_data import Candidate, SearchOutcome
from labcore.search.search_files import SearchEntry
from labcore.views.markdown import escaped
from labcore.views.search.search_words import outcome_in_words, points, size_in_words
from labcore.views.words import percent, student_in_words
from ui.shell import on_show, server, state
from ui.shell.guard import callback

KEPT = "search-outcome"


def search_result(entry: SearchEntry) -> None:
    """Draw the result so far of a search that is not carried out; nothing before a design was measured."""
    files = server.searches().files
    if files.carried_out(entry.id):
        return
    history = files.history(entry.id)
    if history.teacher is None or not any(design.measured for design in history.designs):
        return
    st.header("Result", anchor="result")
    with st.spinner("Comparing the students on the test examples…"):
        server.jobs().wait_until_loaded()
        outcome = _outcome(entry, history)
    st.markdown(escaped(outcome_in_words(entry.search, history, outcome)))
    if outcome is None or outcome.smallest is None:
        return
    _figures(entry, outcome, outcome.smallest)
    _acts(entry, history, outcome.smallest)
    st.dataframe(_rows(entry, history, outcome), hide_index=True, key="search-candidates")
    st.caption(
        "Designs were chosen on validation examples. The test examples decided nothing, so their figures are fair. "
        "Probabilities come from a bootstrap that draws the same test examples for all students and their teacher."
    )


def _outcome(entry: SearchEntry, history: History) -> SearchOutcome | None:
    """The result, computed once for each number of trainings."""
    from labcore.search.outcome import outcome_of  # imports torch

    of = (entry.id, sum(len(design.measured) for design in history.designs))
    if st.session_state.get(KEPT, (None, None))[0] != of:
        st.session_state[KEPT] = (of, outcome_of(entry.search, history, server.store()))
    outcome: SearchOutcome | None = st.session_state[KEPT][1]
    return outcome


def _figures(entry: SearchEntry, outcome: SearchOutcome, best: Candidate) -> None:
    size, test, within, chance = st.columns(4)
    fraction = percent(best.size / outcome.teacher_size, 1)
    size.metric(
        "Size", size_in_words(best.size, entry.search.goal.size), f"{fraction} of the teacher", "off", delta_arrow="off"
    )
    difference = 100 * (best.test - (outcome.teacher_test or 0.0))
    versus = f"{difference:+.1f} points vs. the teacher"
    test.metric("Test accuracy", percent(best.test, 1), versus, "off", delta_arrow="off")
    if entry.search.goal.within is not None:
        within.metric(f"Within {points(entry.search.goal.within)}", percent(best.within), help="A probability.")
    chance.metric("Best of the trained", percent(best.best), help="The probability that no other one is better.")


def _acts(entry: SearchEntry, history: History, best: Candidate) -> None:
    from labcore.search.outcome import longer  # imports torch

    with st.container(horizontal=True):
        show = st.button(
            "Show its run",
            key="search-show-run",
            icon=":material/fact_check:",
            help="On the page *Evaluate*. There you can export it, too: as files, or as a web page.",
        )
        if show:
            state.show_run(best.runs[0])
            st.switch_page("pages/evaluate.py")
        st.button(
            "Distil it longer",
            key="search-longer",
            icon=":material/local_fire_department:",
            type="primary",
            help="Takes this student with four times the training to the page *Distil*.",
            on_click=callback(_take),
            args=(longer(entry.search, history[best.number]),),
        )
        st.button(
            "Compare the runs behind it",
            key="search-compare",
            icon=":material/table_rows:",
            on_click=callback(_compare),
            args=(best.runs,),
        )
    if st.session_state.pop("search-go", None) is not None:
        st.switch_page(f"pages/{st.session_state.pop('search-to')}.py")


def _take(spec: Spec) -> None:
    state.take(spec)
    state.show_run(None)
    st.session_state["search-go"], st.session_state["search-to"] = True, "distil"


def _compare(runs: tuple[str, ...]) -> None:
    on_show.show_runs(runs)
    st.session_state["search-go"], st.session_state["search-to"] = True, "runs"


def _rows(entry: SearchEntry, history: History, outcome: SearchOutcome) -> list[dict[str, object]]:
    return [
        {
            "size": size_in_words(each.size, entry.search.goal.size),
            "validation": percent(each.validation, 1),
            "test": percent(each.test, 1),
            "within": percent(each.within),
            "best": percent(each.best),
            "runs": len(each.runs),
            "design": student_in_words(spec_of(entry.search, history[each.number], "full")),
        }
        for each in outcome.candidates
    ]
