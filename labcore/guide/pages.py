"""The lab's pages, in the order of the story: the one list of them. Standard library only.

Navigation, links, the tour, the glossary and the tests read this table; the page itself is `pages/<name>.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PageInfo:
    """A page: its address and file (`name`), its `label` in the navigation, the `group` that holds it, and its title.

    purpose: the page's first line: what you can do there, and why. old_names: addresses that forward to it.
    """

    name: str
    label: str
    icon: str
    group: str  # empty for a page beside the groups
    title: str
    purpose: str
    old_names: tuple[str, ...] = ()


PAGES: tuple[PageInfo, ...] = (
    PageInfo(
        name="start",
        label="Start",
        icon=":material/home:",
        group="",
        title="Shrink a BERT that works, and see what it costs",
        purpose="Choose a first student here, or take the tour, to see how much of a large model a small one can keep.",
    ),
    PageInfo(
        name="data",
        label="Data",
        icon=":material/dataset:",
        group="Build",
        title="Your own data and teacher",
        purpose="Bring labelled examples, and make or bring a teacher here, to distil a student for your own task.",
    ),
    PageInfo(
        name="design",
        label="Design",
        icon=":material/architecture:",
        group="Build",
        title="Design a student",
        purpose="Derive a student from its teacher here, and see how much size and arithmetic each step saves.",
    ),
    PageInfo(
        name="distil",
        label="Distil",
        icon=":material/local_fire_department:",
        group="Build",
        title="Distil the student",
        purpose="Train the student with its teacher here, to win back the accuracy that compression took.",
    ),
    PageInfo(
        name="evaluate",
        label="Evaluate",
        icon=":material/fact_check:",
        group="Build",
        title="Evaluate the student",
        purpose="Compare a finished student with its teacher here, to decide whether you can trust it.",
        old_names=("judge",),
    ),
    PageInfo(
        name="frontier",
        label="Frontier",
        icon=":material/scatter_plot:",
        group="Build",
        title="The frontier: quality against cost",
        purpose="Compare all finished students here, to choose the best one for the cost that you can afford.",
    ),
    PageInfo(
        name="search",
        label="Search",
        icon=":material/manage_search:",
        group="Build",
        title="Search for the smallest student",
        purpose="Let the lab design and train students here, to get the smallest that is as accurate as you need.",
    ),
    PageInfo(
        name="runs",
        label="Runs",
        icon=":material/table_rows:",
        group="Build",
        title="All runs",
        purpose="Search, compare and tidy every run here, to see which change made a student better.",
    ),
    PageInfo(
        name="capacity",
        label="Capacity",
        icon=":material/straighten:",
        group="Learn",
        title="The capacity gap",
        purpose="Find the smallest student that stays close to its teacher here, to learn when a student is too small.",
    ),
    PageInfo(
        name="mimicry",
        label="Mimicry",
        icon=":material/theater_comedy:",
        group="Learn",
        title="Mimics without learning",
        purpose="Move the hard weight here, to see when a student copies its teacher's mistakes and how you detect it.",
    ),
    PageInfo(
        name="summary",
        label="What you found",
        icon=":material/summarize:",
        group="Learn",
        title="What you found",
        purpose="Compare your guesses and your numbers from the tour with the recorded ones here, and keep them.",
    ),
    PageInfo(
        name="exercise",
        label="Exercise",
        icon=":material/assignment:",
        group="Learn",
        title="Exercise: which student is the best trade-off?",
        purpose="Predict which of three students is the best trade-off here, then run them to test your understanding.",
    ),
)
NAMES: tuple[str, ...] = tuple(page.name for page in PAGES)

# The page of whoever runs the server for others; only a server with a host's password has it.
HOST = PageInfo(
    name="host",
    label="Host",
    icon=":material/shield_person:",
    group="",
    title="Host this lab",
    purpose="Look after a class here: its queue, its people, this machine, and its submissions.",
)


def page_named(name: str) -> PageInfo | None:
    """The page of this name, or of this old name; None if the lab has no such page."""
    return next((page for page in (*PAGES, HOST) if name in (page.name, *page.old_names)), None)


def groups() -> Mapping[str, tuple[PageInfo, ...]]:
    """The pages of each group, in order; those beside the groups come first, under an empty name."""
    names = dict.fromkeys(page.group for page in PAGES)
    return {group: tuple(page for page in PAGES if page.group == group) for group in names}
