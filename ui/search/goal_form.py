"""What a search looks for and how long: its form, and the button that begins it."""

from __future__ import annotations

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.tasks import task_title
from labcore.runs.server_limits import limits
from labcore.search.search_settings import (
    MAX_STEPS,
    MIN_STEPS,
    SIZE_WORDS,
    SIZES,
    Goal,
    SearchSettings,
    Size,
    Unit,
)
from labcore.search.usual_training import usual_search
from labcore.teacher.built_in import has_weights
from labcore.views.search.search_words import goal_in_words
from labcore.views.teacher_names import in_markdown
from ui.shell import on_show, server, state
from ui.shell.guard import escaped, show
from ui.shell.owner import person
from ui.shell.sharing import shared

MINUTES = (2, 5, 10, 20, 30, 60, 120, 240)
LIMITS: dict[Size, tuple[str, float, float]] = {  # the unit, what one of it is, and a first limit in it
    "parameters": ("million parameters", 1e6, 2.0),
    "bytes": ("MB", 1e6, 8.0),
    "macs": ("million multiply-accumulates", 1e6, 100.0),
    "ms": ("milliseconds", 1.0, 2.0),
}
UNITS: dict[Unit, str] = {"seconds": "minutes", "steps": "optimiser steps"}
WITHIN, LIMIT = "smallest", "most accurate"
HELP = {
    WITHIN: "The smallest student whose accuracy is at most some points below its teacher's.",
    LIMIT: "The most accurate student of at most some size.",
}


def goal_form() -> None:
    """Draw the form; a press of its button begins the search, which the page shows then."""
    spec = state.spec()
    st.markdown(
        f"Teacher **{in_markdown(spec.teacher)}**, task **{escaped(task_title(spec.task))}**: you choose them on the "
        "page *Design*. The search proposes students, drops most of them early, and trains the best."
    )
    if not has_weights(spec.teacher):
        st.info("This teacher has no weights here, so no student can be trained. Choose another one.")
        st.page_link("pages/design.py", label="Choose a teacher", icon=":material/architecture:")
        return
    kind = st.segmented_control(
        "Which student counts",
        [WITHIN, LIMIT],
        default=WITHIN,
        key="search-kind",
        required=True,
        help=" ".join(HELP.values()),
    )
    size: Size = st.segmented_control(
        "Measure of size",
        list(SIZES),
        default="parameters",
        key="search-size",
        required=True,
        wrap=True,
        format_func=SIZE_WORDS.__getitem__,
        help="Milliseconds are those of one example, measured on this machine.",
    )
    unit: Unit = st.segmented_control(
        "Budget in",
        ["seconds", "steps"],
        default="seconds",
        key="search-unit",
        required=True,
        format_func=UNITS.__getitem__,
        help="With optimiser steps, equal searches propose and train the same students. With minutes they do not.",
    )
    left, middle, right = st.columns(3)
    with left:
        goal = _goal(kind, size)
    with middle:
        budget = _budget(unit)
    seed = right.number_input("Seed", 0, 10_000, 0, key="search-seed", help="Of the proposals and the trainings.")
    _how_it_goes()
    st.caption(f"It looks for {goal_in_words(goal)}. Students are chosen on validation examples.")
    search = usual_search(teacher=spec.teacher, task=spec.task, goal=goal, seed=int(seed), **budget)
    refused = server.jobs().refusal([], person().owner)
    if refused is not None:
        st.info(f"{refused[:1].upper()}{refused[1:]}.", icon=":material/block:")
    if st.button("Search", key="search", type="primary", icon=":material/manage_search:", disabled=refused is not None):
        _begin(search)


def _how_it_goes() -> None:
    with st.expander("How a search goes", icon=":material/help:"):
        st.markdown(
            "A design is a student's sizes: tokens, hidden size, layers, heads, feed-forward size and ranks, and the "
            "bits of a weight if bytes count. Each design climbs as far as it deserves:\n\n"
            "1. **Counts**: its size is computed. What is not smaller than the best student so far goes.\n"
            "2. **Before training**: it is initialised from the teacher, and its accuracy measured.\n"
            "3. **A short training**, for one in three.\n"
            "4. **A full training**, for one in three of those.\n"
            "5. **Further seeds**, for the two best: they show how much is chance.\n\n"
            "The result is the smallest student within your distance, with the probability that it is that. The "
            "chapter calls this the minimum capacity for the task."
        )


def _goal(kind: str, size: Size) -> Goal:
    if kind == WITHIN:
        within = st.number_input(
            "Points below the teacher, at most", 0.0, 50.0, 2.0, step=0.5, key="search-within",
            help="Points of accuracy on validation examples.",
        )  # fmt: skip
        return Goal(size=size, within=float(within))
    unit, one, first = LIMITS[size]
    limit = st.number_input(f"At most, in {unit}", 0.001, 1e6, first, key=f"search-limit-{size}")
    return Goal(size=size, limit=float(limit) * one)


def _budget(unit: Unit) -> dict[str, float | int]:
    """The search's setting of its budget, with its name."""
    if unit == "steps":
        steps = st.number_input(
            "Optimiser steps", MIN_STEPS, MAX_STEPS, 8_000, step=100, key="search-steps",
            help="Of all trainings together. A full training is 12 % of them.",
        )  # fmt: skip
        return {"steps": int(steps)}
    minutes = st.select_slider(
        "Time, in minutes", MINUTES, 20, key="search-minutes",
        help="The time of the search itself. The teacher's logits, computed once for a task, come on top, and so does "
        "the time of other people's runs.",
    )  # fmt: skip
    return {"seconds": 60.0 * minutes}


def _begin(search: SearchSettings) -> None:
    try:
        begun = server.searches().begin(search, person(), server.jobs(), limits(shared=shared()))
    except SpecError as error:
        st.error(f"No search: {escaped(str(error))}.", icon=":material/error:")
        return
    except OSError as error:
        show(error, "beginning a search", kept="No search was begun.")
        return
    on_show.show_search(begun)
    st.rerun()
