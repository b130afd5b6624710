"""The Distil page's form: every field of a training configuration has its control, which reaches spec and link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Prune
from labcore.config.training import DistilConfig, Final
from tests.shared.pages import app, charts, spec_of

LIGHT = (KeepLayers(count=3),)
EVERY_PART = DistilConfig(hidden=0.1, logit=0.1, cosine=0.1, relation=0.1)


def control(test: AppTest, key: str) -> Any:
    kinds = (test.slider, test.select_slider, test.segmented_control, test.toggle, test.selectbox, test.number_input)
    return next(widget for widgets in kinds for widget in widgets if widget.key == key)


def keys(test: AppTest) -> set[str]:
    kinds = (test.slider, test.select_slider, test.segmented_control, test.toggle, test.selectbox, test.number_input)
    return {str(widget.key) for widgets in kinds for widget in widgets}


CONTROLS: list[tuple[DistilConfig, str, object, DistilConfig]] = [
    (DistilConfig(), "logit", 0.3, DistilConfig(logit=0.3)),
    (DistilConfig(), "cosine", 0.3, DistilConfig(cosine=0.3)),
    (DistilConfig(), "relation", 0.3, DistilConfig(relation=0.3)),
    (EVERY_PART, "hidden_at", "tokens", replace(EVERY_PART, hidden_at="tokens")),
    (EVERY_PART, "layer_map", "similar", replace(EVERY_PART, layer_map="similar")),
    (DistilConfig(), "schedule", "cosine", DistilConfig(schedule="cosine")),
    (DistilConfig(schedule="linear"), "final-hard", 1.0, DistilConfig(schedule="linear", final=Final(hard=1.0))),
    (
        DistilConfig(schedule="linear"),
        "final-temperature",
        1.0,
        DistilConfig(schedule="linear", final=Final(temperature=1.0)),
    ),
    (DistilConfig(schedule="linear", final=Final(soft=0.1)), "final-soft", 0.8, DistilConfig(schedule="linear")),
    (DistilConfig(), "transfer", 20_000, DistilConfig(transfer=20_000)),
    (DistilConfig(), "length", "steps", DistilConfig(steps=400)),
    (DistilConfig(), "length", "seconds", DistilConfig(seconds=60.0)),
    (DistilConfig(steps=7), "steps", 120, DistilConfig(steps=120)),
    (DistilConfig(steps=7), "length", "epochs", DistilConfig()),
    (DistilConfig(seconds=0.5), "seconds", 45.0, DistilConfig(seconds=45.0)),
    (DistilConfig(), "patience", 3, DistilConfig(patience=3)),
    (DistilConfig(patience=7), "patience", 0, DistilConfig()),
    (DistilConfig(), "dropout", 0.1, DistilConfig(dropout=0.1)),
    (DistilConfig(), "weight_decay", 0.0, DistilConfig(weight_decay=0.0)),
    (DistilConfig(), "train-embeddings", False, DistilConfig(embeddings=False)),
    (DistilConfig(), "batch_size", 64, DistilConfig(batch_size=64)),
]


@pytest.mark.parametrize(("before", "key", "value", "after"), CONTROLS, ids=lambda value: str(value)[:40])
def test_every_control_reaches_the_spec_the_link_and_back(
    before: DistilConfig, key: str, value: object, after: DistilConfig
) -> None:
    test = app("distil", Spec(steps=LIGHT, distil=before))
    assert spec_of(test).distil == before
    shown = control(test, key).value
    control(test, key).set_value(value).run()
    assert spec_of(test).distil == after
    assert not test.error
    again = app("distil", spec_of(test))  # the link that it wrote
    assert again.session_state["spec"].distil == after
    if key in keys(again):
        assert control(again, key).value == value
    test.button(key="undo").click().run()
    assert spec_of(test).distil == before
    assert control(test, key).value == shown


def test_the_page_is_calm_until_more_is_asked_for() -> None:
    test = app("distil", Spec(steps=LIGHT))
    assert not keys(test) & {"hidden_at", "layer_map", "steps", "seconds", "gradual", "final-hard"}
    test.slider(key="cosine").set_value(0.2).run()
    assert {"hidden_at", "layer_map"} <= keys(test)
    control(test, "schedule").set_value("linear").run()
    ends = {key for key in keys(test) if key.startswith("final")}
    assert ends == {"final-hard", "final-soft", "final-cosine", "final-temperature"}
    assert set(charts(test)) == {"schedules", "accuracies", "losses"}


def test_a_length_comes_back_as_it_was_left() -> None:
    test = app("distil", Spec(distil=DistilConfig(epochs=5)))
    control(test, "length").set_value("seconds").run()
    control(test, "seconds").set_value(90.0).run()
    control(test, "length").set_value("epochs").run()
    assert spec_of(test).distil == DistilConfig(epochs=5)
    control(test, "length").set_value("seconds").run()
    assert spec_of(test).distil == DistilConfig(epochs=5, seconds=90.0)


def test_odd_values_from_a_link_are_shown_as_they_are() -> None:
    odd = DistilConfig(
        hard=3.0, soft=0.0123, temperature=0.2, transfer=12_345, dropout=0.15, weight_decay=0.3, batch_size=33,
        epochs=40, patience=99, schedule="linear", final=Final(hard=7.0, temperature=30.0),
    )  # fmt: skip
    test = app("distil", Spec(distil=odd))
    assert spec_of(test).distil == odd
    for key, value in {
        "hard": 3.0,
        "transfer": 12_345,
        "patience": 99,
        "final-hard": 7.0,
        "final-temperature": 30.0,
    }.items():
        assert control(test, key).value == value


def test_pruning_is_gradual_only_where_it_comes_last() -> None:
    assert "gradual" not in keys(app("distil", Spec(steps=LIGHT)))
    assert "gradual" not in keys(app("distil", Spec(steps=(Prune(0.5), *LIGHT))))
    test = app("distil", Spec(steps=(*LIGHT, Prune(0.5))))
    control(test, "gradual").set_value(True).run()
    assert spec_of(test).distil.gradual
    test = app("distil", Spec(steps=LIGHT, distil=DistilConfig(gradual=True)))  # its pruning was taken out meanwhile
    assert "'prune' is not the last step" in " ".join(element.value for element in test.caption)
    control(test, "gradual").set_value(False).run()
    assert not spec_of(test).distil.gradual


def test_a_task_without_a_transfer_set_offers_none() -> None:
    test = app("distil", Spec(teacher="news", task="news"))
    assert "transfer" not in keys(test)
    assert "no transfer set" in " ".join(element.value for element in test.caption)
    test = app("distil", Spec(teacher="news", task="news", distil=DistilConfig(transfer=5000)))
    control(test, "transfer").set_value(0).run()
    assert spec_of(test).distil.transfer == 0


def test_the_formula_and_the_summary_follow() -> None:
    test = app("distil", Spec(distil=DistilConfig(schedule="linear", final=Final(hard=1.0), seconds=180.0)))
    assert r"\underbrace{0.2\!\to\!1}_{\text{hard}}\cdot\mathrm{CE}" in test.latex[0].value
    assert "MSE" not in test.latex[0].value
    assert "Training: hard 0.2→1 · soft 0.8 · linear schedule · trained 180 s" in [
        element.value for element in test.caption
    ]


def test_the_training_configurations_controls_reach_the_spec() -> None:
    test = app("distil")
    for key, value in {"hard": 0.5, "soft": 0.25, "hidden": 0.1, "temperature": 4.0, "epochs": 1}.items():
        test.slider(key=key).set_value(value).run()
    test.selectbox(key="learning_rate").set_value(3e-4).run()
    test.number_input(key="seed").set_value(7).run()
    config = spec_of(test).distil
    assert (
        config.hard,
        config.soft,
        config.hidden,
        config.temperature,
        config.epochs,
        config.learning_rate,
        config.seed,
    ) == (
        0.5,
        0.25,
        0.1,
        4.0,
        1,
        3e-4,
        7,
    )
    assert r"{0.5}_{\text{hard}}\cdot\mathrm{CE}" in test.latex[0].value


def test_a_loss_of_nothing_is_refused_and_nothing_is_lost() -> None:
    test = app("distil", Spec.from_dict({"distil": {"hard": 0.2, "soft": 0.0}}))
    test.slider(key="hard").set_value(0.0).run()
    assert "nothing to learn from" in test.error[0].value
    assert spec_of(test).distil.hard == 0.2
    assert test.slider(key="hard").value == 0.2
