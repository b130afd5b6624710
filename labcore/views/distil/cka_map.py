"""The similarity of student and teacher layers: a map of linear CKA."""

from __future__ import annotations

import plotly.graph_objects as go

from labcore.config.loss_terms import HIDDEN
from labcore.results.events import Similarity
from labcore.views.palette import FILL, TEXT, faded

MAX_NUMBERS = 8  # columns up to which a cell has room for its number


def similarity_map(similarity: Similarity, title: str) -> go.Figure:
    """Student layers (rows) by teacher layers (columns), coloured by CKA, 0 to 1; the compared pairs are framed."""
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
            colorscale=[[0, faded(HIDDEN.colour, 0.04)], [1, faded(HIDDEN.colour, FILL)]],
            showscale=False,
            text=[[f"{value:.2f}" if len(columns) <= MAX_NUMBERS else "" for value in row] for row in table],
            texttemplate="%{text}",
            textfont={"color": TEXT, "size": 12},
            customdata=[
                ["<br>compared in training" if (i, j) in pairs else "" for j in range(len(columns))]
                for i in range(len(rows))
            ],
            hovertemplate="student's layer %{y}, teacher's %{x}: %{z:.2f}%{customdata}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    )
    for student, teacher in pairs:
        figure.add_shape(
            type="rect", x0=teacher - 0.47, x1=teacher + 0.47, y0=student - 0.46, y1=student + 0.46,
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


def similarity_in_words(similarity: Similarity, when: str) -> str:
    """The map as text: for each student layer the most similar teacher layer."""
    layers = []
    for i, row in enumerate(similarity.table):
        j = max(range(len(row)), key=row.__getitem__)
        layers.append(f"layer {i + 1} is most similar to the teacher's {j + 1} ({row[j]:.2f})")
    return f"Similarity of the student's and the teacher's layers {when}, by CKA: {'; '.join(layers)}."
