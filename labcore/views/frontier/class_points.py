"""The points of other people on the frontier, as far as they show them: each owner's runs by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from labcore.evaluate.frontier_axes import Axes
from labcore.evaluate.pareto_front import Measurements, Point
from labcore.owners.profile import Profile
from labcore.results.run import Run
from labcore.views.frontier.frontier_chart import named_points

UNNAMED, OF_THE_LAB = "somebody here", "the lab"


def class_points(
    runs: Sequence[Run], axes: Axes, profiles: Mapping[str, Profile], measured: Measurements | None = None
) -> list[Point]:
    """The finished runs of others as points, each with its owner's nickname if the owner shows it.

    Seeds of two owners are not averaged.
    """
    owners = dict.fromkeys(run.owner for run in runs)
    return [
        replace(point, name=f"{point.name} · {owner_in_words(owner, profiles)}", other=True)
        for owner in owners
        for point in named_points([run for run in runs if run.owner == owner], axes, measured=measured)
    ]


def owner_in_words(owner: str | None, profiles: Mapping[str, Profile]) -> str:
    """Who somebody else is: the nickname that the owner shows, or that there is an owner."""
    if owner is None:
        return OF_THE_LAB
    return profiles.get(owner, Profile()).shown_name or UNNAMED
