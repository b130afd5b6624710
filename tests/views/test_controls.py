"""Controls in words: in groups to choose from, and what an undo takes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.assignment import lockable
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.views.controls import control_groups, control_in_group, undo_in_words

NOW = Spec(steps=(Factorise(64),))


def test_each_control_is_in_one_group_under_a_name_of_its_own() -> None:
    groups = control_groups(lockable())
    names = [name for group in groups.values() for name in group]
    assert sorted(names) == sorted(lockable())
    for group in groups.values():
        assert len({control_in_group(name) for name in group}) == len(group)


@pytest.mark.parametrize(
    ("before", "page", "words"),
    [
        (None, "design", "Undo"),
        (NOW, "design", "Undo"),
        (replace(NOW, steps=(Factorise(32),)), "design", "Undo: settings of “Low rank”"),
        (replace(NOW, distil=replace(NOW.distil, hard=0.5)), "distil", "Undo: hard weight"),
        (replace(NOW, distil=replace(NOW.distil, hard=0.5)), "design", "Undo: hard weight (Distil)"),
        (replace(NOW, steps=(KeepLayers(count=3),)), "distil", "Undo: the list of steps and 2 more (Design)"),
    ],
)
def test_an_undo_names_what_it_takes_back_and_its_page(before: Spec | None, page: str, words: str) -> None:
    assert undo_in_words(NOW, before, page) == words
