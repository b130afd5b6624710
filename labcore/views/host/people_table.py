"""The people of a server for its host: names that tell them apart, and what each has. No owner's id is in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd

from labcore.owners.profile import Profile
from labcore.results.run import Run

NOBODY = "nobody"  # what came by the command line, or from an earlier version


def people_names(owners: Iterable[str], profiles: Mapping[str, Profile]) -> dict[str, str]:
    """A name for each owner: the nickname, or a number in the order of `owners`."""
    names: dict[str, str] = {}
    for owner in owners:
        names[owner] = profiles.get(owner, Profile()).nickname or f"person {len(names) + 1}"
    return names


def known_owners(runs: Iterable[Run], profiles: Mapping[str, Profile], here: Iterable[str]) -> list[str]:
    """All owners that this server knows, in an order that stays: by their first run, then the others."""
    oldest_first = sorted(runs, key=lambda run: run.id)
    return list(dict.fromkeys([*(run.owner for run in oldest_first if run.owner), *profiles, *here]))


def people_table(
    names: Mapping[str, str], profiles: Mapping[str, Profile], runs: Sequence[Run], here: Collection[str]
) -> pd.DataFrame:
    """A row for each person: whether they are here, their runs by status, and what they show the class."""
    rows = []
    for owner, name in names.items():
        own = [run for run in runs if run.owner == owner]
        rows.append(
            {
                "person": name,
                "here": owner in here,
                "runs": len(own),
                "finished": sum(run.status == "finished" for run in own),
                "waiting or training": sum(run.active for run in own),
                "last run (UTC)": max((run.created for run in own), default="")[:16].replace("T", " "),
                "shows points": profiles.get(owner, Profile()).consent,
            }
        )
    return pd.DataFrame(rows)
