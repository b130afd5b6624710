"""The Distil page's balance: it sets the weights by the gradients at the start, or says why it can't."""

from __future__ import annotations

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.config.training import DistilConfig
from labcore.results.events import GradientNorms
from tests.shared.pages import app, spec_of

LIGHT = (KeepLayers(count=3),)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """Gradients whose lengths are known, and the specs that were asked about."""
    asked: list[Spec] = []
    lengths = {"hard": 1.0, "soft": 2.0, "logit": 3.0, "hidden": 0.1, "cosine": 0.5, "relation": 0.0}

    def gradients_at_start(spec: Spec, assistant: object) -> GradientNorms:
        assert assistant is None
        asked.append(spec)
        config = spec.distil
        return GradientNorms(
            0,
            {term.name: lengths[term.name] for term in config.terms},
            {term.name: config.values_at(0.0)[term.name] for term in config.terms},
        )

    monkeypatch.setattr("labcore.runs.cache.gradients_at_start", gradients_at_start)
    return asked


def test_balance_sets_the_weights_and_can_be_undone(measured: list[Spec]) -> None:
    spec = Spec(steps=LIGHT, distil=DistilConfig(hidden=0.5))
    test = app("distil", spec)
    assert measured == []
    test.button(key="balance").click().run()
    assert measured == [spec]
    config = spec_of(test).distil
    weighted = [config.hard * 1.0, config.soft * 2.0, config.hidden * 0.1]
    assert weighted == pytest.approx([weighted[0]] * 3, rel=1e-3)
    assert config.hard + config.soft + config.hidden == pytest.approx(1.5, rel=1e-3)
    assert test.slider(key="hidden").value == config.hidden
    assert (
        "were hard 11 %, soft 86 %, hidden 3 %. Now they are hard 33 %, soft 33 %, hidden 33 %" in test.success[0].value
    )
    test.button(key="undo").click().run()
    assert spec_of(test) == spec
    assert not test.success  # it was about other weights


def test_balance_follows_the_shares_that_are_wanted(measured: list[Spec]) -> None:
    test = app("distil", Spec(steps=LIGHT))
    test.number_input(key="share-hard-of-2").set_value(75).run()
    test.number_input(key="share-soft-of-2").set_value(25).run()
    assert measured == []  # asked for, not yet measured
    test.button(key="balance").click().run()
    config = spec_of(test).distil
    assert config.hard / (config.soft * 2.0) == pytest.approx(3, rel=1e-3)


def test_balance_says_why_it_can_not(measured: list[Spec]) -> None:
    spec = Spec(steps=LIGHT, distil=DistilConfig(relation=0.5))
    test = app("distil", spec)
    test.button(key="balance").click().run()
    assert "the relation loss has no gradient" in test.error[0].value
    assert spec_of(test) == spec
    for part in ("hard", "soft", "relation"):
        test.number_input(key=f"share-{part}-of-3").set_value(0)
    test.button(key="balance").click().run()
    assert "all shares are 0" in test.error[0].value


@pytest.mark.parametrize(
    "spec",
    [Spec(steps=LIGHT, distil=DistilConfig(hard=0.0)), Spec(teacher="bert-tiny")],
    ids=["one part", "no weights"],
)
def test_where_there_is_nothing_to_balance_the_button_is_off(spec: Spec) -> None:
    assert app("distil", spec).button(key="balance").disabled
