"""Which runs of others a person sees in lists: those of nobody, and of owners who show them to the class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from labcore.owners.profile import Profile
from labcore.results.run import Run

R = TypeVar("R", bound=Run)


def shared_runs(runs: Iterable[R], profiles: Mapping[str, Profile]) -> list[R]:
    """Those that everybody sees, as others see them: nobody's, and those of owners who show them."""
    return [
        as_others_see(run, profiles) for run in runs if run.owner is None or profiles.get(run.owner, Profile()).shows
    ]


def as_others_see(run: R, profiles: Mapping[str, Profile]) -> R:
    """The run; without its name, note and tags if its owner shows no name, because they may reveal it."""
    if run.owner is None or profiles.get(run.owner, Profile()).consent == "named":
        return run
    return replace(run, name=None, note="", tags=())
