"""How many validations a training has, and the longest patience that can end it early."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, Prune
from labcore.config.validation_schedule import MAX_VALIDATIONS, longest_patience, validations
from tests.shared.outcomes import SHORT, TRAIN, outcome


@pytest.mark.parametrize("given", [{"steps": 2}, {"steps": 8}, {"steps": 30, "gradual": True}, {"epochs": 1}])
def test_the_longest_patience_is_the_last_that_ends_a_training_early(
    given: dict[str, Any], tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    def taken(patience: int | None) -> list[int]:
        """The steps of the validations of a training in which nothing after the first counted one is better."""
        given_steps = (Prune(0.5),) if given.get("gradual") else (KeepLayers(count=2),)
        spec = Spec(
            steps=given_steps, distil=DistilConfig(**SHORT | {"learning_rate": 1e-12} | given, patience=patience)
        )
        events = outcome(copy.deepcopy(tiny), calibration, spec)[3]
        return [step for step, *_ in events]  # type: ignore[attr-defined]

    config = DistilConfig(**SHORT | given)
    most, times = longest_patience(config, TRAIN), validations(config, TRAIN)
    assert times is not None
    assert len(taken(None)) == times + 1
    assert len(taken(most + 1)) == times + 1
    if most:
        assert len(taken(most)) < times + 1


def test_validations_are_4_to_20_and_known_beforehand_but_for_seconds() -> None:
    assert validations(DistilConfig(epochs=1), 100) == 4
    assert validations(DistilConfig(epochs=10), 8530) == 17
    assert validations(DistilConfig(steps=100_000), None) == MAX_VALIDATIONS == 20
    assert validations(DistilConfig(steps=3), None) == 3
    assert validations(DistilConfig(seconds=60), 100) is validations(DistilConfig(), None) is None
    assert validations(DistilConfig(seconds=60), 100, cost=1.0) == 4
    assert longest_patience(DistilConfig(seconds=60), None) == 19
