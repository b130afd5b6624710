"""A change of an attempt in words: each setting that differs, and no other."""

from __future__ import annotations

from dataclasses import replace

from labcore.config.spec import DistilConfig
from labcore.config.steps import KeepLayers
from labcore.exercise.attempt import Slot
from labcore.views.exercise.attempt_changes import changes_in_words
from tests.shared.attempts import designed


def test_each_setting_that_differs_has_a_line() -> None:
    before = designed(config=DistilConfig(steps=50))
    assert changes_in_words(before, before) == []
    longer = replace(before, config=DistilConfig(steps=100))
    assert changes_in_words(before, longer) == [
        "**Training**: from *the defaults · trained 50 steps* to *the defaults · trained 100 steps*."
    ]
    slots = (before.slots[0], before.slots[1], Slot((KeepLayers(count=2),)))
    [student, loss] = changes_in_words(before, replace(before, slots=slots, acceptable_loss=0.01))
    assert student.startswith("**Student C**: from *manual")
    assert student.endswith("to *2 layers, evenly spread*.")
    assert loss.endswith("to *1 points*.")
