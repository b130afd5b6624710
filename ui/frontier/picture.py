"""The frontier on the page: which task and size, the chart, and the point that was chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from labcore.data.own.data_store import is_own_data
from labcore.data.tasks import split_sizes, task_title, task_was_here
from labcore.evaluate.pareto_front import TEACHER_POINT, Point, Size
from labcore.evaluate.reference import ReferenceResults
from labcore.results.run import FinishedRun
from labcore.views.frontier.class_points import class_points
from labcore.views.frontier.frontier_chart import SHORT, SIZES, frontier, named_points, named_teacher_points
from ui.shell import server, state
from ui.shell.chart import chart

SIZE_LABELS: dict[Size, str] = {
    "total": "all parameters",
    "nonzero": "non-zero",
    "macs": "arithmetic",
    "sparse": "bytes",
}

FEW_TASKS = 4  # of the lab's own, which fit into one row
OWN, CLASS, REFERENCE = "own", "class", "reference"


def choose_task(finished: Sequence[FinishedRun]) -> list[FinishedRun]:
    """Draw the choice of a task if there are several, and return its runs: two tasks are not comparable.

    Runs of data that are not on this machine have no point, and a sentence names them.
    """
    every = list(dict.fromkeys(run.spec.task for run in finished))
    tasks = [task for task in every if task_was_here(task)]
    if gone := [task for task in every if task not in tasks]:
        runs = sum(run.spec.task in gone for run in finished)
        st.caption(
            f":material/folder_off: {runs:,} {'run is' if runs == 1 else 'runs are'} left out, because their data are "
            f"not on this machine any more: {', '.join(f'`{task}`' for task in gone)}."
        )
    if not tasks:
        return []
    task = next((run.spec.task for run in finished if run.id == state.run_id() and run.spec.task in tasks), tasks[0])
    if len(tasks) > FEW_TASKS or any(is_own_data(each) for each in tasks):
        task = st.selectbox("Task", tasks, tasks.index(task), key="frontier-task", format_func=task_title)
    elif len(tasks) > 1:
        task = st.segmented_control("Task", tasks, default=task, key="frontier-task", required=True)
    return [run for run in finished if run.spec.task == task]


def choose_origin(
    finished: Sequence[FinishedRun], shipped: Collection[str], others: Collection[str]
) -> list[FinishedRun]:
    """Draw the choice between your runs, those of others and reference results, as far as there are; return its runs.

    shipped: ids of the runs that came with the lab. others: of the runs that somebody else made.
    """

    def origin(run: FinishedRun) -> str:
        return REFERENCE if run.id in shipped else CLASS if run.id in others else OWN

    chosen, there = "all", {origin(run) for run in finished}
    if len(there) > 1:
        of_class = " Those of the class are shown by who made them." if CLASS in there else ""
        chosen = st.segmented_control(
            "Runs",
            ["all", *(each for each in (OWN, CLASS, REFERENCE) if each in there)],
            default="all",
            key="frontier-origin",
            required=True,
            help=f"Own runs were made in this lab. Reference results come with it.{of_class}",
        )
    return [run for run in finished if chosen in ("all", origin(run))]


def choose_size() -> Size:
    """Draw the choice of a measure of size, and return it."""
    size: Size = st.segmented_control(
        "Size",
        list(SIZES),
        default="total",
        key="size",
        required=True,
        wrap=True,
        format_func=SIZE_LABELS.__getitem__,
        help="Four different measures of size. Pruning leaves zeros in place: it lowers the non-zero count, and the "
        "bytes of a file without zeros. Arithmetic is multiply-accumulates for an example of 128 tokens.",
    )
    return size


def frontier_picture(
    finished: Sequence[FinishedRun],
    shown: Sequence[FinishedRun],
    size: Size,
    reference: ReferenceResults | None,
    others: Collection[str],
) -> tuple[str | int | None, list[Point]]:
    """Draw the frontier of one task's runs, and return the id of the picked point, and the teachers' points.

    shown: those of the finished runs that have a point; all of them count if trainings are compared by their length.
    others: ids of the runs that somebody else made. A new pick shows its run, and draws the page again.
    """
    shipped = {run.id for run in reference.runs} if reference else set()
    ids = {run.id for run in shown}
    of_others = [run for run in finished if run.id in others]
    points = named_points([run for run in finished if run.id not in others], size, shipped)
    points += class_points(of_others, size, server.store().owners.all() if of_others else {})
    students = [point for point in points if point.id in ids]
    teachers = named_teacher_points(finished, size)
    examples = split_sizes(finished[0].spec.task)["test"]
    picked = chart(
        frontier(students, teachers, examples, size, state.run_id()),
        key="frontier",
        height=460,
        select=True,
        alt=f"Accuracy against size of {len(students)} students and their "
        f"{'teachers' if len(teachers) > 1 else 'teacher'}, with the Pareto front.",
    )
    st.caption(
        "A bar is one standard error of a test split of this size: points within each other's bars may change places "
        "on other examples. Several seeds of one student are one point, their mean. A seed that ran again counts once."
    )
    if any(point.short for point in students):
        st.caption(
            f"An open marker means *{SHORT}*: less than half of this student's longest, or of the reference result "
            "nearest in size. A lower accuracy may come from that, not from the size."
        )
    if reference and any(point.shipped for point in students):
        st.caption(f"Diamonds ship with the lab, {reference.origin}.")
    if any(point.other for point in students):
        st.caption("Squares are students of other people, who show them, and of the lab.")
    if picked is not None and picked != st.session_state.get("picked"):  # a click, not one remembered
        st.session_state.picked = picked
        state.show_run(None if picked == TEACHER_POINT else str(picked))
        st.rerun()
    return picked, teachers
