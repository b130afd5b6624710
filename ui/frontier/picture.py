"""The frontier on the page: which task and runs, the chart, what it says, and the point that was chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from labcore.data.own.data_store import is_own_data
from labcore.data.tasks import split_sizes, task_title, task_was_here
from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.lower_anchors import evaluated, majority_quality
from labcore.evaluate.pareto_front import TEACHER_POINT, Point, Teacher
from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.reference import ReferenceResults
from labcore.results.accuracy_error import standard_error
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.run import FinishedRun
from labcore.views.frontier.anchor_lines import AnchorLine, anchor_lines, encoder_in_words
from labcore.views.frontier.axis_words import COST_NAMES, title_in_words
from labcore.views.frontier.class_points import class_points
from labcore.views.frontier.frontier_chart import SHORT, frontier, named_points, named_teacher_points
from labcore.views.frontier.points_table import ERROR, points_table
from labcore.views.grouped_numbers import grouped_numbers
from labcore.views.teacher_names import in_markdown, names_of_teachers
from labcore.views.words import percent
from ui.frontier.axes import left_out
from ui.frontier.measuring import anchor_results, measured_anchors, measured_models
from ui.shell import server, state
from ui.shell.chart import chart

FEW_TASKS = 4  # of the lab's own, which fit into one row
COUNTED = ("total", "nonzero", "macs")  # costs that are whole numbers in a table
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


@dataclass(frozen=True)
class Frontier:
    """What a frontier draws of one task's runs. runs: those with a point, and what was fitted of their teachers."""

    axes: Axes
    students: list[Point]
    teachers: list[Point]
    anchors: list[AnchorLine]
    results: Mapping[Teacher, TokenVectorResult]
    examples: int

    def table(self) -> None:
        """Draw its points as a table; the browser saves that as CSV."""
        table = points_table(self.students, self.teachers, self.anchors, self.examples, self.axes)
        cost, quality = table.columns[1:3]
        counted = self.axes.cost in COUNTED
        with_digit = dict.fromkeys(
            (quality, ERROR) if counted else (cost, quality, ERROR), st.column_config.NumberColumn(format="%.1f")
        )
        shown = grouped_numbers(table, (cost,)) if counted else table
        st.dataframe(shown, hide_index=True, column_config=with_digit)


def points_of(
    finished: Sequence[FinishedRun],
    shown: Sequence[FinishedRun],
    axes: Axes,
    shipped: Collection[str],
    others: Collection[str],
) -> Frontier:
    """The points of one task's runs, with buttons for what can be measured or fitted.

    shown: those of the finished runs that have a point; all of them count if trainings are compared by their length.
    shipped: ids of the runs that came with the lab. others: of the runs that somebody else made.
    """
    measured = measured_models(shown, axes)
    left_out(shown, axes, measured)
    results = anchor_results(shown)
    ids = {run.id for run in shown}
    of_others = [run for run in finished if run.id in others]
    points = named_points([run for run in finished if run.id not in others], axes, shipped, measured)
    points += class_points(of_others, axes, server.store().owners.all() if of_others else {}, measured)
    return Frontier(
        axes=axes,
        students=[point for point in points if point.id in ids],
        teachers=named_teacher_points(finished, axes, measured),
        anchors=anchor_lines(shown, axes, results, measured_anchors(results, finished[0].spec.task, axes)),
        results=results,
        examples=split_sizes(finished[0].spec.task)["test"],
    )


def frontier_picture(
    drawn: Frontier, finished: Sequence[FinishedRun], reference: ReferenceResults | None
) -> str | int | None:
    """Draw the frontier with what it says, and return the id of the picked point.

    A new pick shows its run, and draws the page again. finished: all runs of the task.
    """
    axes, students = drawn.axes, drawn.students
    anchors = "".join(f"; {line.name} {percent(line.quality, 1)}" for line in drawn.anchors)
    models = [*students, *drawn.teachers]
    picked = chart(
        frontier(students, drawn.teachers, drawn.examples, axes, state.run_id(), drawn.anchors) if models else None,
        key="frontier",
        height=460,
        select=True,
        alt=f"{title_in_words(axes).capitalize()} of {len(students)} students and their "
        f"{'teachers' if len(drawn.teachers) > 1 else 'teacher'}, with the Pareto front{anchors}.",
        awaits="" if models else f"The models stand here once this machine has measured {COST_NAMES[axes.cost]}.",
    )
    _encoder_gain(drawn, finished)
    if drawn.anchors:
        st.caption(
            "Dashed lines are lower anchors: what the task gives without an encoder. The mean of token vectors leaves "
            "out special tokens; a linear head reads it, fitted on the training split."
        )
    st.caption(
        f"{_bars_in_words(axes)} Several seeds of one student are one point, their mean. A seed that ran again counts "
        "once."
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
    return picked


def _bars_in_words(axes: Axes) -> str:
    """What the bars of these axes are."""
    if axes.quality == "loyalty":
        return "Probability loyalty has no bars: it is no fraction of the examples."
    fixed = ", with the teacher's accuracy held fixed" if axes.quality == "retention" else ""
    return (
        f"A bar is one standard error of a test split of this size{fixed}: points within each other's bars may change "
        "places on other examples."
    )


def _encoder_gain(drawn: Frontier, finished: Sequence[FinishedRun]) -> None:
    """Draw what the encoder of each teacher adds to the mean of its token vectors."""
    names = names_of_teachers(finished)
    for teacher, result in drawn.results.items():
        evaluation = evaluated(run for run in finished if teacher_of(run) == teacher)
        majority = None if evaluation is None else majority_quality(evaluation, "accuracy")
        error = standard_error(result.teacher_accuracy, drawn.examples)
        name = in_markdown(names[teacher]) if len(drawn.results) > 1 else ""
        st.markdown(f":material/info: {encoder_in_words(result, majority, error, name)}")
