"""What owners tell the class: nicknames that are checked and nobody else's, and who is seen with which name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.checks import SpecError
from labcore.config.spec import Spec
from labcore.owners.owner import new_owner
from labcore.owners.profile import Profile
from labcore.runs.store import Store
from labcore.runs.visible_runs import shared_runs

ANN, BOB, EVE = "a" * 16, "b" * 16, "e" * 16


def test_a_profile_is_kept_and_replaced(store: Store) -> None:
    assert store.owners.profile(ANN) == Profile()
    store.owners.set(ANN, Profile("Ann", "named"))
    store.owners.set(ANN, Profile("Anna", "unnamed"))
    store.owners.set(BOB, Profile())
    assert Store().owners.all() == {ANN: Profile("Anna", "unnamed"), BOB: Profile()}


@pytest.mark.parametrize("nickname", ["x" * 41, "a\nb", "\u202e", " \x00", "\ud800"])
def test_a_bad_nickname_is_refused_with_what_is_allowed(nickname: str) -> None:
    with pytest.raises(SpecError, match="nickname"):
        Profile(nickname)


def test_a_nickname_of_another_is_refused_whatever_its_case(store: Store) -> None:
    store.owners.set(ANN, Profile("Ann"))
    for same in ("Ann", "ANN", "ann"):
        with pytest.raises(SpecError, match="somebody else here is"):
            store.owners.set(BOB, Profile(same))
    store.owners.set(ANN, Profile("ANN"))  # her own
    assert store.owners.profile(BOB) == Profile()


def test_who_shows_no_name_is_shown_without_what_may_reveal_it(store: Store) -> None:
    runs = {}
    for owner in (ANN, BOB, EVE, None):
        run_id = store.create(Spec(), owner)
        store.rename(run_id, "a name")
        store.annotate(run_id, note="a note", tags=["tag"])
        runs[owner] = store.read(run_id)
    store.owners.set(ANN, Profile("Ann", "named"))
    store.owners.set(BOB, Profile("Bob", "unnamed"))
    store.owners.set(EVE, Profile("Eve", "no"))
    bare = replace(runs[BOB], name=None, note="", tags=())
    assert shared_runs(runs.values(), store.owners.all()) == [runs[ANN], bare, runs[None]]
    assert shared_runs([replace(runs[ANN], owner=new_owner())], store.owners.all()) == []
