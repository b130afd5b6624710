"""The people of a server for its host: names that stay, and no id."""

from __future__ import annotations

from labcore.config.spec import Spec
from labcore.owners.owner import new_owner
from labcore.owners.presence import HERE, Presence
from labcore.owners.profile import Profile
from labcore.results.run import Run, Status
from labcore.views.host.people_table import known_owners, people_names, people_table

ADA, BOB, CAT = new_owner(), new_owner(), new_owner()
PROFILES = {ADA: Profile("Ada", "named")}


def run(number: int, owner: str | None, status: Status = "stopped") -> Run:
    return Run(id=f"{number}", spec=Spec(), status=status, created=f"2026-01-0{number}T10:00:00+00:00", owner=owner)


RUNS = [run(4, ADA, "running"), run(3, ADA), run(2, None), run(1, BOB)]


def test_names_are_in_the_order_of_first_runs_and_stay_as_people_come() -> None:
    before = people_names(known_owners(RUNS, PROFILES, []), PROFILES)
    assert before == {BOB: "person 1", ADA: "Ada"}
    assert people_names(known_owners(RUNS, PROFILES, [CAT, BOB]), PROFILES) == before | {CAT: "person 3"}


def test_a_row_has_what_a_person_has_and_no_id() -> None:
    names = people_names(known_owners(RUNS, PROFILES, [CAT]), PROFILES)
    table = people_table(names, PROFILES, RUNS, {CAT})
    ada = table[table["person"] == "Ada"].iloc[0]
    assert (ada["runs"], ada["waiting or training"], ada["here"], ada["shows points"]) == (2, 1, False, "named")
    assert ada["last run (UTC)"] == "2026-01-04 10:00"
    assert list(table["here"]) == [False, False, True]
    assert not {ADA, BOB, CAT} & set(table.astype(str).to_numpy().ravel())


def test_who_has_not_come_for_minutes_is_here_no_more() -> None:
    now = [0.0]
    presence = Presence(lambda: now[0])
    presence.seen(ADA)
    now[0] = 100.0
    presence.seen(BOB)
    presence.seen(ADA)
    presence.seen(BOB)
    assert presence.here() == (BOB, ADA)
    now[0] += HERE + 1
    presence.seen(CAT)
    assert presence.here() == (CAT,)
