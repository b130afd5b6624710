"""The points of a frontier as a table: what the chart shows, by the same axes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.pareto_front import Point, pareto_front
from labcore.views.frontier.anchor_lines import AnchorLine
from labcore.views.frontier.axis_words import QUALITY_NAMES, cost_title, drawn_cost

FRONT, ERROR = "on the front", "standard error, points"


def points_table(
    students: Sequence[Point], teachers: Sequence[Point], anchors: Sequence[AnchorLine], examples: int, axes: Axes
) -> pd.DataFrame:
    """A row for each point, the cheapest first, then for each anchor without a cost; qualities as percentages.

    examples: of the test split. A standard error that is not known is missing.
    """
    cost, quality = cost_title(axes.cost), f"{QUALITY_NAMES[axes.quality]}, %"
    front = pareto_front([*students, *teachers])
    rows = [
        {
            "name": point.name,
            cost: drawn_cost(point.cost, axes.cost),
            quality: 100 * point.quality,
            ERROR: None if (error := point.error(axes, examples)) is None else 100 * error,
            "seeds": len(point.seeds) or None,
            FRONT: point in front,
        }
        for point in sorted([*students, *teachers], key=lambda each: (each.cost, -each.quality))
    ]
    rows += [
        {
            "name": line.name,
            cost: None if line.cost is None else drawn_cost(line.cost, axes.cost),
            quality: 100 * line.quality,
            ERROR: None,
            "seeds": None,
            FRONT: False,
        }
        for line in anchors
    ]
    table = pd.DataFrame(rows, columns=["name", cost, quality, ERROR, "seeds", FRONT])
    return table.astype({"seeds": "Int64"})
