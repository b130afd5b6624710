"""The configuration of a teacher's fine-tuning."""

from __future__ import annotations

import pytest

from labcore.config.checks import SpecError
from labcore.config.finetuning import EPOCHS_BY_SIZE, LARGE, MAX_EPOCHS, RATES, FineTuning


@pytest.mark.parametrize(
    "field",
    [
        {"task": ""},
        {"task": 3},
        {"task": "x\ud800"},
        {"method": "magic"},
        {"epochs": 0},
        {"epochs": MAX_EPOCHS + 1},
        {"epochs": True},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"seed": -1},
        {"hurry": 1},
    ],
)
def test_a_wrong_field_is_named(field: dict[str, object]) -> None:
    with pytest.raises(SpecError, match=next(iter(field))):
        FineTuning.from_dict({"task": "reviews"} | field)


def test_there_and_back() -> None:
    config = FineTuning(task="data:0123456789abcdef", method="full", epochs=2, learning_rate=1e-5, seed=3)
    assert FineTuning.from_dict(config.to_dict()) == config


def test_small_data_are_read_more_often() -> None:
    config = FineTuning(task="reviews")
    epochs = [config.epochs_for(n) for n in (10, 100, 1_000, 10_000, LARGE, 50_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert (epochs[0], epochs[-1]) == (EPOCHS_BY_SIZE[1], 1)
    assert FineTuning(task="reviews", epochs=4).epochs_for(10) == 4
    assert all(config.validations_for(n) % config.epochs_for(n) == 0 for n in (10, 1_000, 50_000))


def test_the_rate_is_the_method_s_own() -> None:
    assert FineTuning(task="reviews", method="full").rate == RATES["full"]
    assert FineTuning(task="reviews", learning_rate=0.1).rate == 0.1
