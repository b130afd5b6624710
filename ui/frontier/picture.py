"""The frontier on the page: which task and size, the chart, and the point that was chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from labcore.data.tasks import load_task
from labcore.evaluate.pareto_front import TEACHER_POINT, Point, Size
from labcore.evaluate.reference import ReferenceResults
from labcore.results.run import FinishedRun
from labcore.views.frontier.frontier_chart import SIZES, frontier, named_points, named_teacher_points
from ui.shell import state
from ui.shell.chart import chart

SIZE_LABELS: dict[Size, str] = {
    "total": "all parameters",
    "nonzero": "non-zero",
    "macs": "arithmetic",
    "sparse": "bytes",
}


def choose_task(finished: Sequence[FinishedRun]) -> list[FinishedRun]:
    """Draw the choice of a task if there are several, and return its runs: two tasks are not comparable."""
    tasks = list(dict.fromkeys(run.spec.task for run in finished))
    task = next((run.spec.task for run in finished if run.id == state.run_id()), tasks[0])
    if len(tasks) > 1:
        task = st.segmented_control("Task", tasks, default=task, key="frontier-task", required=True)
    return [run for run in finished if run.spec.task == task]


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
    finished: Sequence[FinishedRun], size: Size, shipped: Collection[str], reference: ReferenceResults | None
) -> tuple[str | int | None, list[Point]]:
    """Draw the frontier of one task's runs, and return the id of the picked point, and the teachers' points.

    shipped: ids of the runs that came with the lab. A new pick shows its run, and draws the page again.
    """
    students, teachers = named_points(finished, size, shipped), named_teacher_points(finished, size)
    examples = len(load_task(finished[0].spec.task).splits["test"])
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
        + (f" Open circles ship with the lab, {reference.origin}." if reference else "")
    )
    if picked is not None and picked != st.session_state.get("picked"):  # a click, not one remembered
        st.session_state.picked = picked
        state.show_run(None if picked == TEACHER_POINT else str(picked))
        st.rerun()
    return picked, teachers
