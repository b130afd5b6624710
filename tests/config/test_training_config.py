"""Loss weights and temperature during a training, and what a training configuration refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.loss_terms import HARD, HIDDEN, LOSS_TERMS, RELATION, SOFT
from labcore.config.spec import Spec, SpecError
from labcore.config.training import DistilConfig, Final


@given(st.floats(0, 1))
def test_a_constant_schedule_stays(share: float) -> None:
    config = DistilConfig(hard=0.3, soft=0.7, final=Final(hard=1.0))  # a final value without a schedule has no effect
    assert config.values_at(share) == DistilConfig(hard=0.3, soft=0.7).values_at(0.5)
    assert config.terms == (HARD, SOFT)


def test_schedules_by_hand() -> None:
    linear = DistilConfig(
        hard=0.0, soft=1.0, temperature=4.0, schedule="linear", final=Final(hard=1.0, temperature=1.0)
    )
    assert linear.values_at(0.25)["hard"] == pytest.approx(0.25)
    assert linear.values_at(0.25)["temperature"] == pytest.approx(3.25)
    assert linear.values_at(0.25)["soft"] == 1.0
    cosine = DistilConfig(hard=0.0, soft=1.0, schedule="cosine", final=Final(hard=1.0))
    assert cosine.values_at(0.25)["hard"] == pytest.approx((1 - math.cos(math.pi / 4)) / 2)
    assert [cosine.values_at(share)["hard"] for share in (0.0, 0.5, 1.0)] == pytest.approx([0, 0.5, 1])


def test_a_part_that_comes_later_counts() -> None:
    config = DistilConfig(hard=0.0, soft=1.0, schedule="linear", final=Final(hidden=0.5))
    assert config.terms == (SOFT, HIDDEN)
    assert DistilConfig(hard=0, soft=0, relation=1.0).terms == (RELATION,)
    assert set(config.values_at(0.3)) == {*(term.name for term in LOSS_TERMS), "temperature"}


@pytest.mark.parametrize(
    ("distil", "words"),
    [
        ({"steps": 5, "seconds": 5}, "give one of them"),
        ({"steps": 0}, "distil.steps is 0"),
        ({"seconds": 0}, "distil.seconds is 0"),
        ({"seconds": 1e6}, "at most 86400"),
        ({"patience": 0}, "distil.patience"),
        ({"dropout": 1.0}, "distil.dropout"),
        ({"transfer": 50001}, "at most 50000"),
        ({"hidden_at": "words"}, "cls, tokens"),
        ({"schedule": "sine"}, "constant, linear, cosine"),
        ({"layer_map": "odd"}, "last_only"),
        ({"final": {"hard": -1}}, "distil.final.hard"),
        ({"final": {"temperature": 0}}, "distil.final.temperature"),
        ({"final": {"epochs": 1}}, "unknown field"),
        ({"final": None}, "give a JSON object"),
        ({"gradual": 1}, "true or false"),
        ({"embeddings": "no"}, "true or false"),
        ({"hard": 0, "soft": 0}, "nothing to learn from"),
    ],
)
def test_a_bad_configuration_is_refused_in_words(distil: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        Spec.from_dict({"distil": distil})
