"""What every kind of step must have, so that pages, links and runs follow from its file."""

from __future__ import annotations

from dataclasses import fields

import pytest

from labcore.compress import derive  # noqa: F401  (registers how each kind is carried out)
from labcore.compress.apply_step import apply_step
from labcore.config.spec import Spec
from labcore.config.steps import KINDS, Step, by_kind, setting_of
from labcore.count.parameters import blank
from labcore.models.architecture import Structure
from labcore.models.structure import structure_of
from labcore.teacher.built_in import BUILT_IN

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


@pytest.fixture
def before() -> Structure:
    return structure_of(blank(BUILT_IN["reviews"]))


@each_kind
def test_a_kind_has_words_of_its_own_and_a_torch_half(kind: type[Step]) -> None:
    assert by_kind()[kind.kind] is kind
    for words in ("kind", "label", "summary"):
        assert [getattr(other, words) for other in KINDS].count(getattr(kind, words)) == 1
    assert apply_step.dispatch(kind) is not apply_step.dispatch(object)


@each_kind
def test_a_field_has_a_setting_or_is_one_of_two(kind: type[Step]) -> None:
    alternatives = kind.either.options if kind.either else {}
    assert {field.name for field in fields(kind)} == {*kind.settings(), *alternatives}
    assert set(kind.order) <= set(kind.settings())
    assert all(setting_of(name) is not None for name in kind.settings())


@each_kind
def test_a_default_is_a_step_that_a_link_carries(kind: type[Step], before: Structure) -> None:
    step = kind.default(before)
    spec = Spec(steps=(step,))
    assert Spec.from_json(spec.to_json()) == spec
    assert step.describe()
    assert list(step.filled(before).shown())[:1] or kind.either
    for name in kind.either.options if kind.either else ():
        chosen = step.chosen(name, before)
        assert [n for n in kind.either.options if getattr(chosen, n) is not None] == [name]  # type: ignore[union-attr]
