"""The Distil page without a browser: every field of a training configuration has its control, every chart its data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Prune
from labcore.config.training import DistilConfig, Final
from labcore.data.spurious_cue import WORD
from labcore.results.events import ConditionAccuracy, Event, GradientNorms, Similarity, TrainStep, Validation
from labcore.runs.store import Store
from tests.shared.pages import app, charts, spec_of
from tests.shared.runs import finished

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
    assert set(charts(test)) == {"schedules"}


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
    test = app("distil", Spec(task="another"))
    assert "transfer" not in keys(test)
    assert "no transfer set" in " ".join(element.value for element in test.caption)
    test = app("distil", Spec(task="another", distil=DistilConfig(transfer=5000)))
    control(test, "transfer").set_value(0).run()
    assert spec_of(test).distil.transfer == 0


def test_the_formula_and_the_summary_follow() -> None:
    test = app("distil", Spec(distil=DistilConfig(schedule="linear", final=Final(hard=1.0), seconds=180.0)))
    assert r"\underbrace{0.2\!\to\!1}_{\text{hard}}\cdot\mathrm{CE}" in test.latex[0].value
    assert "MSE" not in test.latex[0].value
    assert "Training: hard 0.2→1 · soft 0.8 · linear schedule · trained 180 s" in [
        element.value for element in test.caption
    ]


# -- balance -----------------------------------------------------------------------------------------


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
            {term.name: config.at(0.0)[term.name] for term in config.terms},
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


# -- pictures ----------------------------------------------------------------------------------------


def run_with(config: DistilConfig, *more: Event, steps: int = 4, of: int = 4) -> str:
    """A finished run of this training configuration with these events."""
    run = finished(Spec(steps=LIGHT, distil=config))
    store = Store()
    for i in range(1, steps + 1):
        store.append(
            run,
            TrainStep(
                step=i,
                steps=of,
                examples=32 * i,
                seconds=1.0 * i,
                elapsed=2.0 * i,
                learning_rate=1e-4,
                total=1.0,
                losses={"hard": 0.6, "soft": 0.5, "hidden": 0.2},
                progress=(i - 1) / of,
            ),
        )
    for event in more:
        store.append(run, event)
    return run


GRADIENTS = GradientNorms(1, {"hard": 1.0, "soft": 1.0, "hidden": 2.0}, {"hard": 0.2, "soft": 0.8, "hidden": 0.5})
MAPS = (
    Similarity(0, [[0.9, 0.1], [0.2, 0.7]], ((0, 0), (1, 1))),
    Similarity(4, [[0.8, 0.1], [0.2, 0.9]], ((0, 0), (1, 1))),
)


def test_the_share_of_the_gradient_is_the_third_scale() -> None:
    test = app("distil", run=run_with(DistilConfig(hidden=0.5), GRADIENTS))
    assert "losses" in charts(test)
    test.segmented_control(key="scale").set_value("gradient").run()
    assert "losses" not in charts(test)
    shown = charts(test)["gradient-shares"]
    assert [(trace["name"], trace["y"]) for trace in shown["figure"]["data"]] == [
        ("hard", [pytest.approx(0.1)]),
        ("soft", [pytest.approx(0.4)]),
        ("hidden", [pytest.approx(0.5)]),
    ]
    assert "hard 10%, soft 40%, hidden 50%" in shown["alt"]


@pytest.mark.parametrize(
    ("config", "words"),
    [(DistilConfig(hard=0.0), "one term only, soft"), (DistilConfig(), "were not measured")],
    ids=["one part", "old"],
)
def test_a_run_without_gradients_says_so(config: DistilConfig, words: str) -> None:
    test = app("distil", run=run_with(config))
    test.segmented_control(key="scale").set_value("gradient").run()
    assert words in " ".join(element.value for element in test.caption)


def test_layers_are_compared_before_and_after() -> None:
    test = app("distil", run=run_with(DistilConfig(hidden=0.5), *MAPS))
    shown = charts(test)
    assert shown["similarity-before"]["figure"]["data"][0]["z"] == MAPS[0].table
    assert shown["similarity-after"]["figure"]["data"][0]["z"] == MAPS[1].table
    assert len(shown["similarity-after"]["figure"]["layout"]["shapes"]) == 2
    assert "layer 2 is most similar to the teacher's 2 (0.90)" in shown["similarity-after"]["alt"]
    assert "Framed" in " ".join(element.value for element in test.caption)
    assert set(charts(app("distil", run=run_with(DistilConfig(), MAPS[0])))) == {
        "losses",
        "accuracies",
        "similarity-before",
    }
    assert not [e for e in app("distil", run=run_with(DistilConfig())).expander if "Similarity" in e.label]


def test_a_task_with_a_cue_shows_what_the_student_makes_of_it() -> None:
    teacher = {"clean": 0.65, "agrees": 0.99, "contradicts": 0.16}
    conditions = ConditionAccuracy(
        4, {"clean": 0.7, "agrees": 0.8, "contradicts": 0.6}, dict.fromkeys(teacher, 0.5), teacher
    )
    test = app("distil", run=run_with(DistilConfig(), conditions))
    shown = charts(test)["conditions"]
    assert "contradicts 60% (teacher 16%, agreement 50%)" in shown["alt"]
    assert f"“{WORD}”" in " ".join(element.value for element in test.caption)
    assert "conditions" not in charts(app("distil", run=run_with(DistilConfig())))


def test_an_early_end_is_said_beside_the_result() -> None:
    best, worse = (
        Validation(step=2, accuracy=0.7, agreement=0.7, loss=0.5, teacher_accuracy=0.8, best=True),
        Validation(step=4, accuracy=0.6, agreement=0.7, loss=0.5, teacher_accuracy=0.8, best=False),
    )
    test = app("distil", run=run_with(DistilConfig(patience=1), best, worse, steps=4, of=9))
    assert "ended early, after step 4 of 9" in test.info[0].value
    assert not app("distil", run=run_with(DistilConfig(patience=1), best, worse)).info


def test_a_runs_training_is_under_its_name() -> None:
    test = app("distil", PRESETS[0].spec, run_with(DistilConfig(hard=0.5, soft=0.5, seconds=30.0)))
    captions = [element.value for element in test.caption]
    assert "Training: hard 0.5 · soft 0.5 · trained 30 s" in captions
    assert "Training: the defaults" in captions  # that of the form
