"""A toy loss term, added by this file alone, has its control, words, check, formula and curve, in a run and a link.

The product builds its lists when it is imported. So the test starts a process of its own, which first adds the term to
the table. Then pytest collects the functions below whose names start with `check_`.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from labcore.config import loss_terms
from labcore.config.loss_terms import LossTerm, LossWeights, Need, Weight, terms_in, weight_of
from tests.shared.source_files import ROOT

TOY = LossTerm(
    name="toy",
    latex=r"\|z_{s} - z_{t}\|_{1}",
    symbols=("*z* are logits",),
    colour="#123abc",
    needs=Need.TEACHER_LOGITS,
    help="Weight of the mean absolute error of the logits.",
)


@dataclass(frozen=True)
class WithToy(LossWeights[Weight]):
    """What one more line in the table makes of it."""

    toy: Weight = weight_of(TOY)


def add_toy() -> None:
    """Add the term to the table, and its formula; nothing else. Only before any other module of the lab is imported."""
    loss_terms.LossWeights, loss_terms.LOSS_TERMS = WithToy, terms_in(WithToy)  # type: ignore[misc, assignment]
    from labcore.distil.losses import loss_of

    loss_of(TOY, lambda batch: (batch.logits, batch.teacher_logits))(
        lambda first, second: (first - second).abs().mean()
    )


@pytest.mark.full
def test_a_toy_term_needs_no_other_list() -> None:
    done = subprocess.run([sys.executable, "-m", __spec__.name], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    checks = sum(name.startswith("check_") for name in globals())
    assert f"{checks} passed" in done.stdout


# -- in the process that has the term ----------------------------------------------------------------
# Imports are late, because this module is imported before the term is added.


def check_validation() -> None:
    from labcore.config.spec import Spec, SpecError
    from labcore.config.training import DistilConfig, Final

    with pytest.raises(SpecError, match=r"distil\.toy is -1"):
        DistilConfig(toy=-1.0)  # type: ignore[call-arg]
    with pytest.raises(SpecError, match=r"distil\.final\.toy is 'much'"):
        Final(toy="much")  # type: ignore[call-arg]
    with pytest.raises(SpecError, match="relation and toy are all 0"):
        DistilConfig(hard=0.0, soft=0.0)
    assert DistilConfig(hard=0.0, soft=0.0, toy=0.5).from_teacher  # type: ignore[call-arg]
    assert Spec.from_json('{"distil": {"hard": 1, "soft": 0}}').distil.toy == 0.0  # type: ignore[attr-defined]


def check_words_and_colour() -> None:
    from labcore.config.training import DistilConfig, Final
    from labcore.views.controls import control_in_words
    from labcore.views.distil.formula import formula, set_by
    from labcore.views.palette import LOSS_COLOURS
    from labcore.views.words import training_in_words

    config = DistilConfig(toy=0.25, schedule="linear", final=Final(toy=1.0))  # type: ignore[call-arg]
    assert r"\textcolor{#123abc}{\underbrace{0.25\!\to\!1}_{\text{toy}}\cdot\|z_{s} - z_{t}\|_{1}}" in formula(config)
    assert "*Toy weight*" in set_by(config)
    assert "toy 0.25→1" in training_in_words(config)
    assert "toy weight" in control_in_words("distil.toy").lower()
    assert LOSS_COLOURS["toy"] == "#123abc"


def check_control_and_link() -> None:
    from tests.shared.pages import app, spec_of

    test = app("distil")
    slider = test.slider(key="toy")
    assert (slider.label, slider.help) == ("Toy weight", TOY.help)
    slider.set_value(0.3).run()
    linked = spec_of(test)
    assert linked.distil.toy == 0.3  # type: ignore[attr-defined]
    assert r"\text{toy}" in test.latex[0].value
    again = app("distil", linked.to_json())
    assert again.slider(key="toy").value == 0.3
    again.segmented_control(key="schedule").set_value("linear").run()
    again.slider(key="final-toy").set_value(0.9).run()
    assert spec_of(again).distil.final.toy == 0.9  # type: ignore[attr-defined]


def check_a_run_and_its_curve(spec, store) -> None:  # type: ignore[no-untyped-def]
    from labcore.results.events import GradientNorms, TrainStep, event_from_dict, event_to_dict
    from labcore.views.distil.curves import gradient_shares, losses
    from tests.shared.pages import app, charts
    from tests.shared.runs import run_of

    config = replace(spec.distil, toy=0.5)
    run = run_of(replace(spec, distil=config))
    events = list(store.events(run.id))
    steps = [event for event in events if isinstance(event, TrainStep)]
    assert all(step.losses["toy"] > 0 for step in steps)
    assert event_from_dict(event_to_dict(steps[0])) == steps[0]
    step = steps[0]
    weights = config.values_at(step.progress)
    assert step.total == pytest.approx(sum(weights[name] * value for name, value in step.losses.items()), rel=1e-5)
    norms = [event for event in events if isinstance(event, GradientNorms)]
    assert all(event.norms["toy"] > 0 for event in norms)
    for figure in (losses(steps, config, weighted=True), gradient_shares(norms, config, len(steps))):
        assert "#123abc" in {trace.line.color for trace in figure.data if "toy" in trace.name}
    test = app("distil", run=run.id)
    assert not test.exception
    assert "0.5 × toy" in {trace["name"] for trace in charts(test)["losses"]["figure"]["data"]}


def check_balance(tiny) -> None:  # type: ignore[no-untyped-def]
    from labcore.compress.derive import derive
    from labcore.config.steps import KeepLayers
    from labcore.config.training import DistilConfig
    from labcore.data.batches import batch_of
    from labcore.distil.balance import balanced, gradient_norms
    from labcore.distil.live_teacher import LiveTeacher
    from labcore.distil.objective import Objective
    from labcore.distil.targets import compute_targets
    from labcore.system.progress import finish
    from tests.shared.tiny import tiny_examples

    train, config = tiny_examples(16), DistilConfig(toy=0.1)  # type: ignore[call-arg]
    targets = finish(compute_targets(tiny, train, states=False))
    objective = Objective(derive(tiny, [KeepLayers(count=2)]), train, targets, config, LiveTeacher(tiny, train))
    norms = gradient_norms(objective, [batch_of(train, range(16))])
    weights = balanced({"hard": 0.2, "soft": 0.8, "toy": 0.1}, norms, dict.fromkeys(norms, 1))
    assert weights["toy"] * norms["toy"] == pytest.approx(weights["hard"] * norms["hard"])


if __name__ == "__main__":
    add_toy()
    options = ["-o", "python_functions=check_*", "-o", "addopts=", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([__file__, *options]))
