"""Which runs of others a person sees in lists: those of nobody, and of owners who show them to the class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from labcore.owners.profile import Profile
from labcore.results.run import Run

R = TypeVar("R", bound=Run)


def shared_runs(runs: Iterable[R], profiles: Mapping[str, Profile]) -> list[R]:
    """Those that everybody sees: nobody's, and those of owners who show them."""
    return [run for run in runs if run.owner is None or profiles.get(run.owner, Profile()).shows]
