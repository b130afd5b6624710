"""Settings from Python: scalars of NumPy and torch count as plain values, steps as JSON objects; others are refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.checks import check_between, plain, shown
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune
from labcore.config.training import MAX_TEMPERATURE, MIN_TEMPERATURE, Final


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (np.int64(3), 3),
        (np.uint8(3), 3),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.bool_(True), True),
        (np.array(3), 3),
        (np.str_("even"), "even"),
        (torch.tensor(3), 3),
        (torch.tensor(0.5), 0.5),
        (torch.tensor(0.5, requires_grad=True), 0.5),
        (torch.tensor(True), True),
        ([np.int64(1), 2], (1, 2)),
    ],
)
def test_a_scalar_is_the_python_value_that_it_holds(given: object, value: object) -> None:
    assert plain(given) == value
    assert type(plain(given)) is type(value)


def test_specs_of_numpy_and_of_plain_values_are_equal_hash_equal_and_write_the_same() -> None:
    odd = Spec(
        steps=[  # type: ignore[arg-type]
            KeepLayers(layers=[np.int64(1), torch.tensor(3)]),  # type: ignore[arg-type]
            Factorise(rank=np.int32(64)),  # type: ignore[arg-type]
            Prune(np.float32(0.5)),  # type: ignore[arg-type]
        ],
        distil=DistilConfig(
            hard=np.float64(0.25), epochs=torch.tensor(2), embeddings=np.bool_(False), final=Final(soft=np.float32(0.5))
        ),  # type: ignore[arg-type]
    )
    usual = Spec(
        steps=(KeepLayers(layers=(1, 3)), Factorise(rank=64), Prune(0.5)),
        distil=DistilConfig(hard=0.25, epochs=2, embeddings=False, final=Final(soft=0.5)),
    )
    assert odd == usual
    assert hash(odd) == hash(usual)
    assert odd.to_json() == usual.to_json()


def test_steps_and_the_configuration_may_be_json_objects() -> None:
    given: Any = {
        "steps": [{"kind": "keep_layers", "layers": [1, 3]}, Factorise(3)],
        "distil": {"hard": 1.0, "final": {"soft": 0.5}},
        "assistant": {"steps": [{"kind": "prune", "sparsity": 0.5}]},
    }
    spec = Spec(**given)
    assert spec.steps == (KeepLayers(layers=(1, 3)), Factorise(3))
    assert spec.distil == DistilConfig(hard=1.0, final=Final(soft=0.5))
    assert spec.assistant == Spec(steps=(Prune(0.5),))
    assert Spec.from_json(spec.to_json()) == spec
    assert len({spec, Spec(**given)}) == 1


def test_derive_takes_a_step_as_a_json_object(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [{"kind": "keep_layers", "count": 1}])  # type: ignore[list-item]
    assert student.steps == (KeepLayers(count=1),)
    assert student.model.config.num_hidden_layers == 1


@pytest.mark.parametrize(
    "steps",
    ["keep_layers", [3], [None], KeepLayers(count=1), {"kind": "prune"}, [["keep_layers", 1]], [KeepLayers], iter([])],
)
def test_what_is_no_list_of_steps_is_refused(steps: Any, tiny: BertForSequenceClassification) -> None:
    for make in (lambda: derive(tiny, steps), lambda: Spec(steps=steps)):
        with pytest.raises(SpecError, match="give"):
            make()


BAD: list[Any] = [
    float("nan"), float("inf"), -float("inf"), np.float32("nan"), np.float64("inf"),
    True, np.bool_(True), 1j, np.complex64(1), Decimal(1), Fraction("1/2"), "1", b"1",
    [1.0], (1,), np.array([1.0]), torch.tensor([1.0, 2.0]), torch.empty((), device="meta"), {}, object(),
]  # fmt: skip


@pytest.mark.parametrize("value", BAD, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_refused_in_one_line(value: Any) -> None:
    for make in (
        lambda: DistilConfig(hard=value),
        lambda: DistilConfig(temperature=value),
        lambda: DistilConfig(epochs=value),
        lambda: DistilConfig(learning_rate=value),
        lambda: DistilConfig(final=Final(hard=value)),
        lambda: Final(temperature=value),
        lambda: Prune(value),
        lambda: Factorise(rank=value),
        lambda: Factorise(energy=value),
        lambda: Manual(hidden=value),
        lambda: KeepLayers(count=value),
    ):
        with pytest.raises(SpecError) as caught:
            make()
        message = str(caught.value)
        assert "give" in message
        assert "\n" not in message
        assert len(message) < 300


@pytest.mark.parametrize("value", [np.array(["even", "last"]), torch.tensor([1.0, 2.0]), 3, None, ["even"]])
def test_what_is_no_choice_is_refused_in_one_line(value: Any) -> None:
    for make in (
        lambda: DistilConfig(layer_map=value),
        lambda: KeepLayers(count=1, pick=value),
        lambda: Prune(0.5, scope=value),
    ):
        with pytest.raises(SpecError, match="give one of"):
            make()


@pytest.mark.parametrize("value", [0, 1e-30, MIN_TEMPERATURE / 2, 2 * MAX_TEMPERATURE, 1e11, -1])
def test_a_temperature_out_of_bounds_is_refused_with_the_bounds(value: float) -> None:
    for make in (lambda: DistilConfig(temperature=value), lambda: DistilConfig(final=Final(temperature=value))):
        with pytest.raises(SpecError, match=r"give a number from 0\.01 to 1,000,000"):
            make()
    assert DistilConfig(temperature=MIN_TEMPERATURE) != DistilConfig(temperature=MAX_TEMPERATURE)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(SpecError, match="half a character"):
        Spec(teacher="\ud800")


def test_an_error_quotes_on_one_line() -> None:
    assert "\n" not in shown(np.eye(3))
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "data that is nested too deep"
    with pytest.raises(SpecError, match="from 1 to 2"):
        check_between("it", deep, 1, 2)
