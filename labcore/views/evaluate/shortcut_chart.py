"""The effects of a suspected word on each model, as a picture."""

from __future__ import annotations

import plotly.graph_objects as go

from labcore.evaluate.hard_weight_groups import CONDITIONS
from labcore.results.evaluation import ShortcutTest
from labcore.views.distil.curves import LEGEND
from labcore.views.palette import CONDITION_COLOURS
from labcore.views.words import percent


def effects(test: ShortcutTest) -> go.Figure:
    """Each model's accuracy without the word, with it if it agrees with the label, and if it contradicts the label."""
    models = {"teacher": test.teacher, "student": test.student}
    if test.no_teacher:
        models["no teacher"] = test.no_teacher
    figure = go.Figure()
    for condition, colour in zip(CONDITIONS, CONDITION_COLOURS, strict=True):
        accuracies = [getattr(effect, condition) for effect in models.values()]
        figure.add_bar(
            x=list(models), y=accuracies, name=condition, marker={"color": colour},
            text=[percent(accuracy) for accuracy in accuracies], textposition="outside", cliponaxis=False,
            hovertemplate="%{x}, %{fullData.name}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="group",
        bargap=0.3,
        xaxis={"fixedrange": True, "ticks": ""},
        yaxis={
            "title": "accuracy",
            "range": [0, 1.08],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "fixedrange": True,
        },
        legend=LEGEND,
        margin={"l": 56, "r": 12, "t": 40, "b": 32},
    )
    return figure
