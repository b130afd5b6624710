"""A student's matrices: zeros and energy by layer, weights with their threshold, singular values with the rank."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.models.architecture import ROLES, Role
from labcore.results.measurements import GridHistogram, Histogram, Matrix, Spectrum
from labcore.views.palette import FILL, GONE, MUTED, STUDENT, TEACHER, TEXT, faded
from labcore.views.words import percent

LINES = 7  # the largest value up to which each value of a grid has a line
ROLE_NAMES: dict[Role, str] = {
    "query": "query",
    "key": "key",
    "value": "value",
    "qkv": "query, key, value",
    "output": "attention out",
    "up": "feed-forward in",
    "down": "feed-forward out",
}


def matrix_map(matrices: Sequence[Matrix], what: str, teacher: Sequence[Matrix]) -> go.Figure:
    """Layers by matrices, each cell coloured by a fraction: `what` is "kept", "energy" or "rounding error".

    Kept are elements that are not 0, as a fraction of the teacher's matrix. So removed rows, factors and zeros have one
    scale. A cell is empty if the fraction is unknown. teacher: its matrices.
    """
    layers, roles = 1 + max(matrix.layer for matrix in matrices), roles_in(matrices)
    elements = {role: max(matrix.elements for matrix in teacher if matrix.role == role) for role in roles}
    shares: list[list[float | None]] = [[None] * len(roles) for _ in range(layers)]
    hover = [[""] * len(roles) for _ in range(layers)]
    for matrix in matrices:
        match what:
            case "kept":
                share = kept_share(matrix, elements[matrix.role])
            case "energy":
                share = matrix.energy
            case _:
                share = matrix.rounding_error
        row, column = matrix.layer, roles.index(matrix.role)
        shares[row][column] = share
        size = f"{matrix.shape[0]} × {matrix.shape[1]}" + (f", rank {matrix.rank}" if matrix.rank is not None else "")
        hover[row][column] = (
            f"<b>layer {row + 1}, {ROLE_NAMES[matrix.role]}</b><br>{size}<br>{matrix.elements:,} elements"
            + (f", {matrix.zeros:,} of them zero" if matrix.zeros else "")
            + (f"<br>{percent(matrix.energy, 1)} of the energy kept" if matrix.energy is not None else "")
            + (f"<br>rounding error {percent(matrix.rounding_error, 1)}" if matrix.rounding_error is not None else "")
        )
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[ROLE_NAMES[role].replace(" ", "<br>").replace("feed-", "feed-<br>") for role in roles],
            y=[f"layer {i + 1}" for i in range(layers)],
            zmin=0,
            zmax=1,
            colorscale=[[0, faded(STUDENT, 0.06)], [1, faded(STUDENT, FILL)]],
            showscale=False,
            text=[["" if share is None else percent(share) for share in row] for row in shares],
            texttemplate="%{text}",
            textfont={"color": TEXT},
            hovertext=hover,
            hoverinfo="text",
            xgap=2,
            ygap=2,
        )
    )
    figure.update_layout(
        xaxis={"fixedrange": True, "side": "top", "tickangle": 0, "showline": False, "ticks": ""},
        yaxis={"fixedrange": True, "autorange": "reversed"},
        margin={"t": 58, "b": 8},
    )
    return figure


def roles_in(matrices: Sequence[Matrix]) -> list[Role]:
    """The roles that these matrices have, in the order of ROLES."""
    present = {matrix.role for matrix in matrices}
    return [role for role in ROLES if role in present]


def kept_share(matrix: Matrix, teacher: int) -> float | None:
    """Stored elements that are not 0, over those of the teacher's matrix; above 1 if factors are larger."""
    return None if matrix.zeros is None else (matrix.elements - matrix.zeros) / teacher


def weights_histogram(histogram: Histogram) -> go.Figure:
    """How the weights of a matrix are spread, with those that were set to zero."""
    edges = histogram.edges
    centres = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
    width = edges[1] - edges[0]
    figure = go.Figure()
    for counts, name, colour in (
        (histogram.zeroed, "set to zero", faded(GONE, 0.55)),
        (histogram.kept, "kept", faded(STUDENT, 0.85)),
    ):
        figure.add_bar(
            x=centres,
            y=counts,
            width=width,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"%{{x:.3f}}: %{{y:,}} {name}<extra></extra>",
        )
    if histogram.threshold is not None:
        for sign in (-1, 1):
            figure.add_vline(sign * histogram.threshold, line={"color": TEACHER, "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=histogram.threshold, y=0.98, yref="paper", yanchor="top", xshift=4, xanchor="left", showarrow=False,
            text=f"threshold {histogram.threshold:.3g}", font={"color": TEXT},
        )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        bargap=0,
        xaxis={"title": "weight before pruning", "fixedrange": True},
        yaxis={"title": "weights", "fixedrange": True},
    )
    return figure


def weights_on_grid(histogram: GridHistogram) -> go.Figure:
    """How the weights of a matrix are spread before rounding, in units of their scale, with the values of the grid."""
    figure = go.Figure()
    figure.add_bar(
        x=[(a + b) / 2 for a, b in itertools.pairwise(histogram.edges)],
        y=histogram.counts,
        width=histogram.edges[1] - histogram.edges[0],
        marker={"color": faded(STUDENT, 0.85), "line": {"width": 0}},
        hovertemplate="%{x:.2f} × scale: %{y:,}<extra></extra>",
    )
    if histogram.most <= LINES:
        for value in range(-histogram.most, histogram.most + 1):
            figure.add_vline(value, line={"color": TEACHER, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=0.99, xref="paper", y=0.98, yref="paper", xanchor="right", yanchor="top", showarrow=False,
        text=f"{2 * histogram.most + 1} values, {percent(histogram.zeros)} become 0", font={"color": TEXT},
    )  # fmt: skip
    figure.update_layout(
        bargap=0,
        showlegend=False,
        xaxis={"title": "weight before rounding, divided by its scale", "fixedrange": True},
        yaxis={"title": "weights", "fixedrange": True},
    )
    return figure


def singular_values(spectrum: Spectrum) -> go.Figure:
    """Singular values, largest first, in two colours: kept by the rank or not; and the energy that each rank keeps."""
    values = spectrum.singular
    ranks = list(range(1, len(values) + 1))
    rank = spectrum.rank if spectrum.rank is not None else len(values)
    total, running, energy = sum(v * v for v in values), 0.0, []
    for value in values:
        running += value * value
        energy.append(running / total)
    figure = go.Figure()
    figure.add_bar(
        x=ranks,
        y=values,
        name="singular value",
        marker={
            "color": [faded(STUDENT, 0.85)] * rank + [faded(GONE, 0.4)] * (len(values) - rank),
            "line": {"width": 0},
        },
        hovertemplate="number %{x}: %{y:.3g}<extra></extra>",
    )
    figure.add_scatter(
        x=ranks, y=energy, yaxis="y2", name="energy kept up to here", line={"color": TEACHER, "width": 2},
        hovertemplate="rank %{x} keeps %{y:.1%}<extra></extra>",
    )  # fmt: skip
    if spectrum.rank is not None:
        figure.add_vline(rank + 0.5, line={"color": STUDENT, "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=rank + 0.5, y=0.98, yref="paper", yanchor="top", xshift=4, xanchor="left", showarrow=False,
            font={"color": TEXT}, text=f"rank {rank}: {percent(energy[rank - 1], 1)} of the energy",
        )  # fmt: skip
    if spectrum.break_even < len(values):
        figure.add_vline(spectrum.break_even + 0.5, line={"color": MUTED, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=spectrum.break_even + 0.5, y=0.04, yref="paper", xanchor="left", showarrow=False,
            text=f"break-even {spectrum.break_even}", font={"color": MUTED},
        )  # fmt: skip
    figure.update_layout(
        bargap=0,
        xaxis={"title": "rank", "fixedrange": True},
        yaxis={"title": "singular value", "fixedrange": True, "rangemode": "tozero"},
        yaxis2={
            "title": "energy",
            "overlaying": "y",
            "side": "right",
            "range": [0, 1.02],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "showgrid": False,
            "fixedrange": True,
        },
        margin={"r": 60},
    )
    return figure
