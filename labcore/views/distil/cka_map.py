"""Which layers of student and teacher are alike: a map of linear CKA."""

from __future__ import annotations

import plotly.graph_objects as go

from labcore.results.record import Similarity
from labcore.views.palette import FILL, HIDDEN, TEXT, faded

MAX_NUMBERS = 8  # columns up to which a cell has room for its number


def alike(similarity: Similarity, title: str) -> go.Figure:
    """Student layers (rows) by teacher layers (columns), each cell coloured by CKA, 0 to 1; pairs of the lesson framed."""
    table = similarity.table
    rows, columns = [[str(i + 1) for i in range(n)] for n in (len(table), len(table[0]))]
    pairs = set(similarity.pairs)
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=columns,
            y=rows,
            zmin=0,
            zmax=1,
            colorscale=[[0, faded(HIDDEN, 0.04)], [1, faded(HIDDEN, FILL)]],
            showscale=False,
            text=[[f"{value:.2f}" if len(columns) <= MAX_NUMBERS else "" for value in row] for row in table],
            texttemplate="%{text}",
            textfont={"color": TEXT, "size": 12},
            customdata=[
                ["<br>compared in the lesson" if (i, j) in pairs else "" for j in range(len(columns))]
                for i in range(len(rows))
            ],
            hovertemplate="student's layer %{y}, teacher's %{x}: %{z:.2f}%{customdata}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    )
    for ours, theirs in pairs:
        figure.add_shape(
            type="rect", x0=theirs - 0.47, x1=theirs + 0.47, y0=ours - 0.46, y1=ours + 0.46,
            line={"color": TEXT, "width": 2},
        )  # fmt: skip
    axis = {"type": "category", "fixedrange": True, "showline": False, "ticks": "", "showgrid": False}
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        xaxis={**axis, "title": "teacher's layer", "side": "bottom"},
        yaxis={**axis, "title": "student's layer", "autorange": "reversed"},
        margin={"l": 48, "r": 4, "t": 30, "b": 44},
    )
    return figure


def alike_in_words(similarity: Similarity, when: str) -> str:
    """The map for those who can't see it: for each student layer the teacher layer that it is most like."""
    found = []
    for i, row in enumerate(similarity.table):
        most = max(range(len(row)), key=row.__getitem__)
        found.append(f"layer {i + 1} is most like the teacher's {most + 1} ({row[most]:.2f})")
    return f"How alike the student's and the teacher's layers are {when}, by CKA: {'; '.join(found)}."
