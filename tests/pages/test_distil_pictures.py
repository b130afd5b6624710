"""The charts and notes of a run on the Distil page: what is shown is what its events say."""

from __future__ import annotations

import pytest

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.config.training import DistilConfig
from labcore.data.spurious_cue import WORD
from labcore.results.events import ConditionAccuracy, Event, GradientNorms, Similarity, TrainStep, Validation
from labcore.runs.store import Store
from tests.shared.pages import app, charts
from tests.shared.runs import finished

LIGHT = (KeepLayers(count=3),)


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
    shown = " ".join([*(element.value for element in test.caption), charts(test)["gradient-shares"]["awaits"]])
    assert words in shown


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
    assert any(caption.endswith(". Training: hard 0.5 · soft 0.5 · trained 30 s") for caption in captions)
    assert "Training: the defaults · trained 3 epochs" in captions  # that of the form
