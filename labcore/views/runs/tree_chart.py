"""The tree of provenance: from each teacher by steps to its students, coloured by test accuracy. A row for each."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence

import plotly.graph_objects as go

from labcore.data.tasks import task_title
from labcore.evaluate.provenance_tree import TreeNode, provenance_tree
from labcore.evaluate.run_groups import RunGroup
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.palette import BORDER, MUTED, TEACHER, TEXT
from labcore.views.runs.group_table import STATUS_IN_WORDS
from labcore.views.teacher_names import names_of_teachers
from labcore.views.words import millions, training_in_words

HEIGHT, MARGINS = 26, 96  # pixels: the height of a row, and of all that is not a row
LABEL = 9  # the width of a label on a phone, in levels of the tree
MOST = 40  # characters of a label
SCALE = "Viridis"
Row = tuple[int, TreeNode]  # its number, and the model in it


def tree(groups: Sequence[RunGroup], names: Mapping[str, str], chosen: Collection[str] = ()) -> tuple[go.Figure, int]:
    """The figure, and its height in pixels.

    names: of the groups by the id of the run that stands for each. chosen: ids of such runs, whose points are larger.
    """
    nodes = provenance_tree(groups)
    teachers = names_of_teachers([run for group in groups for run in group.runs])
    rows = list(enumerate(nodes))
    figure = go.Figure()
    _add_edges(figure, nodes)
    _add_teachers(figure, [(row, node) for row, node in rows if node.parent is None], teachers)
    _add_derived(figure, [(row, node) for row, node in rows if node.step is not None])
    _add_trained(figure, rows, names, chosen)
    figure.update_layout(
        xaxis={"visible": False, "range": [-0.4, max(node.depth for node in nodes) + LABEL], "fixedrange": True},
        yaxis={"visible": False, "range": [len(nodes) - 0.4, -0.6], "fixedrange": True},
        showlegend=False,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 8, "b": 64},
    )
    return figure, MARGINS + HEIGHT * len(nodes)


def _add_edges(figure: go.Figure, nodes: Sequence[TreeNode]) -> None:
    """From each model down to the row of what came of it, and across to it."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, node in enumerate(nodes):
        if node.parent is not None:
            x += [node.depth - 1, node.depth - 1, node.depth, None]
            y += [node.parent, row, row, None]
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": BORDER, "width": 1.5}, hoverinfo="skip")


def _add_teachers(figure: go.Figure, rows: Sequence[Row], teachers: Mapping[tuple[str, str | None], str]) -> None:
    labels = [f"<b>{_label(f'{teachers[node.key[0]]} on {task_title(node.key[1])}')}</b>" for _, node in rows]
    marker = {"color": TEACHER, "symbol": "star", "size": 14}
    _add_points(figure, rows, labels, hovertext=["teacher"] * len(rows), marker=marker)


def _add_derived(figure: go.Figure, rows: Sequence[Row]) -> None:
    words = [node.step.describe() if node.step else "" for _, node in rows]
    marker = {"color": MUTED, "symbol": "circle-open", "size": 8}
    _add_points(
        figure, rows, list(map(_label, words)), hovertext=[f"step: {_html(each)}" for each in words], marker=marker
    )


def _add_trained(figure: go.Figure, rows: Sequence[Row], names: Mapping[str, str], chosen: Collection[str]) -> None:
    """The students: filled in the colour of the accuracy, or open without one."""
    students = [(row, node, node.group) for row, node in rows if node.group is not None]
    for finished in (True, False):
        some = [each for each in students if bool(each[2].finished) is finished]
        groups = [group for _, _, group in some]
        marker: dict[str, object] = {
            "size": [20 if group.shown.id in chosen else 14 for group in groups],
            "line": {"color": TEXT, "width": [2 if group.shown.id in chosen else 0.5 for group in groups]},
        }
        if finished:
            marker |= {
                "color": [group.accuracy.mean for group in groups if group.accuracy is not None],
                "colorscale": SCALE,
                "colorbar": {
                    "title": {"text": "test accuracy", "side": "top"}, "tickformat": ".0%", "thickness": 8,
                    "orientation": "h", "y": 0, "yanchor": "top", "x": 0, "xanchor": "left", "len": 0.5,
                },
            }  # fmt: skip
        else:
            marker |= {"color": MUTED, "symbol": "circle-open"}
        _add_points(
            figure, [(row, node) for row, node, _ in some], [_student_label(group) for group in groups], marker=marker,
            customdata=[group.shown.id for group in groups],
            hovertext=[_hover(group, names[group.shown.id]) for group in groups],
        )  # fmt: skip


def _add_points(figure: go.Figure, rows: Sequence[Row], labels: Sequence[str], **options: object) -> None:
    figure.add_scatter(
        x=[node.depth for _, node in rows], y=[row for row, _ in rows], text=[f"  {label}" for label in labels],
        mode="markers+text", textposition="middle right", textfont={"color": TEXT}, hoverinfo="text", **options,
    )  # fmt: skip


def _student_label(group: RunGroup) -> str:
    """The accuracy, and the name that somebody gave, or else the training: the tree itself shows the steps."""
    status = accuracy_in_words(group.accuracy) if group.finished else STATUS_IN_WORDS[group.status]
    given = next((run.name for run in group.runs if run.name), None)
    return _label(f"{status} · {given or training_in_words(group.spec.distil)}")


def _hover(group: RunGroup, name: str) -> str:
    counts = group.shown.counts
    lines = [f"<b>{_html(name)}</b>", *([millions(counts.student.total)] if counts else [])]
    return "<br>".join([*lines, _student_label(group), _html(training_in_words(group.spec.distil))])


def _label(text: str) -> str:
    """A short text for the picture, as the HTML that Plotly reads."""
    return _html(text if len(text) <= MOST else text[: MOST - 1] + "…")


def _html(text: str) -> str:
    return html.escape(text, quote=False)
