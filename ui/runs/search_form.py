"""What the table of runs shows: words to search for, and filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from labcore.data.tasks import task_title
from labcore.evaluate.run_groups import RunGroup
from labcore.views.runs.group_table import STATUS_IN_WORDS, Search, tags_of
from ui.shell.bound import typed

LONGEST = 100  # characters of a search
T = TypeVar("T")


def search_form(groups: Sequence[RunGroup]) -> Search:
    """Draw the search and the filters, and return what they ask for."""
    statuses = sorted({run.status for group in groups for run in group.runs}, key=list(STATUS_IN_WORDS).index)
    tasks = list(dict.fromkeys(group.spec.task for group in groups))
    tags = sorted({tag for group in groups for tag in tags_of(group)}, key=str.casefold)
    words, status, task, *tag = st.columns([2, 1, 1, 1] if tags else [2, 1, 1])
    with words:
        searched = typed(
            st.text_input,
            "Search",
            LONGEST,
            key="runs-search",
            placeholder="a name, a step, a tag …",
            help="Shows the designs in which every word occurs: in the name, the steps, the training, the teacher, the "
            "task, a note, a tag, or as the beginning of a run's id. Press Enter.",
        )
    with status:
        in_status = _filter("Status", statuses, STATUS_IN_WORDS.__getitem__)
    with task:
        in_task = _filter("Task", tasks, task_title)
    with_tag: frozenset[str] = frozenset()
    if tag:
        with tag[0]:
            with_tag = _filter("Tag", tags, str)
    return Search(words=searched or "", statuses=in_status, tasks=in_task, tags=with_tag)


def _filter(label: str, options: Sequence[T], in_words: Callable[[T], str]) -> frozenset[T]:
    """Draw a filter, and return the chosen values; none means any."""
    key = f"runs-{label.lower()}"
    return frozenset(st.multiselect(label, options, key=key, format_func=in_words, placeholder="any"))
