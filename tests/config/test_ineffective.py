"""What is said to have no effect has none, and a run that would not be what was asked for is refused."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.config.ineffective import asked_without_effect, check_effective, starts_random, without_effect
from labcore.config.presets import PRESETS, PUBLISHED_STUDENTS, SWEEPS
from labcore.config.spec import DistilConfig, Final, Spec, SpecError
from labcore.config.steps import Factorise, FactoriseEmbeddings, KeepLayers, Manual, Prune, PruneHeads, PruneNeurons
from labcore.distil.losses import UNLABELLED
from labcore.distil.objective import Objective
from labcore.distil.targets import compute_targets
from labcore.evaluate.baselines import BASELINES, baseline, baselines_of
from labcore.system.progress import finish
from tests.shared.outcomes import ENDS, RANDOM, TRAIN, config, outcome, steps
from tests.shared.tiny import tiny_examples

HALF_RANDOM = Manual(hidden=8, heads=2)
HARD: dict[str, Any] = {"hard": 1.0, "soft": 0.0}
ASSISTANT = Spec(steps=(KeepLayers(count=1),))
AFTER = (KeepLayers(count=2), PruneHeads(2, by="taylor"), PruneNeurons(16), Factorise(3), FactoriseEmbeddings(3))

# A field, a spec in which it has no effect, and the same without it.
IDLE: list[tuple[str, Spec, Spec]] = [
    ("distil.temperature", config(**HARD, temperature=9.0), config(**HARD)),
    (
        "distil.final.temperature",
        config(**HARD, **ENDS, final=Final(temperature=9.0, logit=0.4)),
        config(**HARD, **ENDS, final=Final(logit=0.4)),
    ),
    ("distil.layer_map", config(layer_map="first"), config()),
    ("distil.hidden_at", config(hidden_at="tokens"), config()),
    *((f"distil.final.{f.name}", config(final=Final(**{f.name: 0.7})), config()) for f in fields(Final)),
    ("distil.schedule", config(schedule="linear"), config()),
    ("distil.schedule", config(schedule="cosine", final=Final(hard=0.2, soft=0.8)), config()),
    ("distil.schedule", config(**HARD, schedule="linear", final=Final(temperature=9.0)), config(**HARD)),
    ("distil.schedule", config(schedule="linear", steps=1, final=Final(hard=1.0)), config(steps=1)),
    ("distil.epochs", config(epochs=7, steps=6), config(epochs=3, steps=6)),
    ("distil.patience", config(learning_rate=1.0, steps=8, patience=4), config(learning_rate=1.0, steps=8)),
    ("distil.gradual", config(gradual=True), config()),
    ("distil.start", steps(RANDOM, start="random"), steps(RANDOM)),
    ("distil.start", steps(RANDOM, Prune(0.5), start="random"), steps(RANDOM, Prune(0.5))),
    ("assistant", replace(config(**HARD), assistant=ASSISTANT), config(**HARD)),
    ("steps[0].pick", steps(KeepLayers(layers=(0, 2), pick="last")), steps(KeepLayers(layers=(0, 2)))),
    ("steps[0]", steps(Prune(0.0, scope="global", embeddings=True)), steps()),
    ("steps[0]", steps(KeepLayers(count=3), RANDOM), steps(RANDOM)),
    ("steps[0]", steps(PruneNeurons(8), RANDOM), steps(RANDOM)),
    ("steps[0]", steps(replace(RANDOM, hidden=4), RANDOM), steps(RANDOM)),
    *(("steps[0]", steps(step, HALF_RANDOM), steps(HALF_RANDOM)) for step in (AFTER[1], AFTER[3], AFTER[4])),
    *(
        (f"steps[0].{name}", steps(replace(step, **{name: value}), start="random"), steps(step, start="random"))
        for step, name, value in (
            (KeepLayers(count=2), "pick", "first"),
            (PruneHeads(1), "by", "taylor"),
            (PruneNeurons(8), "by", "taylor"),
            (Factorise(4), "method", "activation"),
            (RANDOM, "init", "teacher"),
        )
    ),
]


@pytest.mark.parametrize(("field", "spec", "without"), IDLE, ids=[f"{i} {row[0]}" for i, row in enumerate(IDLE)])
def test_what_has_no_effect_is_named_and_has_none(
    field: str, spec: Spec, without: Spec, tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    notes = {note.field: note for note in asked_without_effect(spec, TRAIN)}
    assert field in notes
    assert "; " in notes[field].words  # why, and what to do
    assert field not in {note.field for note in asked_without_effect(without, TRAIN)}
    one, other = outcome(tiny, calibration, spec), outcome(tiny, calibration, without)
    assert one[2:] == other[2:]
    assert one[0] == other[0]
    # masks that hold nothing are no difference
    zeros, others = ({n: z for n, z in made[1].items() if z} for made in (one, other))  # type: ignore[attr-defined]
    assert zeros == others


def test_a_transfer_set_gives_nothing_to_learn_to_hard_labels(tiny: BertForSequenceClassification) -> None:
    spec = config(**HARD, transfer=20)
    assert [(n.field, n.refused) for n in asked_without_effect(spec)] == [("distil.transfer", True)]
    train = tiny_examples(8)
    targets = finish(compute_targets(tiny, train, states=False))
    student = derive(tiny, [KeepLayers(count=1)])

    def gradient(labels: list[int]) -> list[torch.Tensor]:
        from labcore.data.batches import batch_of

        data = replace(train, labels=torch.tensor(labels))
        objective = Objective(student, data, targets, spec.distil, None)
        terms = objective.losses(batch_of(data, [0, 1, 2, 3]), 2.0)
        weights = spec.distil.values_at(0.0)
        total = sum(weights[name] * part for name, part in terms.items())
        assert isinstance(total, torch.Tensor)
        parameters = [p for p in student.model.parameters() if p.requires_grad]
        return [g for g in torch.autograd.grad(total, parameters, allow_unused=True) if g is not None]

    assert not any(g.any() for g in gradient([UNLABELLED] * 8))
    assert any(g.any() for g in gradient([0, *[UNLABELLED] * 7]))


def test_defaults_are_quiet_and_what_ships_is_not_refused() -> None:
    everything = [
        *(spec for specs in SWEEPS.values() for spec in specs),
        *(p.spec for p in (*PRESETS, *PUBLISHED_STUDENTS)),
    ]
    for spec in everything:
        for each in (spec, *(baseline(spec, kind) for kind in baselines_of(spec))):
            check_effective(each)
            assert not [note for note in asked_without_effect(each) if note.field.startswith("distil.")]
    assert {note.field for note in without_effect(Spec())} == {"distil.layer_map", "distil.hidden_at"}
    assert {"distil.epochs"} < {note.field for note in without_effect(Spec(distil=DistilConfig(steps=3)))}
    assert asked_without_effect(Spec(distil=DistilConfig(steps=3))) == ()


def test_a_run_is_refused_if_it_would_not_be_what_was_asked_for() -> None:
    for spec in (
        config(gradual=True),
        steps(Prune(0.5), KeepLayers(count=2), gradual=True),
        config(**HARD, transfer=20),
        replace(config(**HARD), assistant=ASSISTANT),
        replace(config(), assistant=replace(ASSISTANT, distil=DistilConfig(gradual=True))),
    ):
        with pytest.raises(SpecError, match="has no effect: "):
            check_effective(spec)
    check_effective(config(temperature=9.0, **HARD))  # a note is enough
    twice = replace(config(), assistant=replace(config(), assistant=config(gradual=True)))
    with pytest.raises(SpecError, match=r"^assistant\.assistant\.distil\.gradual has"):
        check_effective(twice)


def test_a_student_that_starts_at_random_is_offered_no_random_start() -> None:
    assert baselines_of(steps(RANDOM)) == baselines_of(steps(RANDOM, Prune(0.5))) == ("no teacher",)
    assert baselines_of(steps(KeepLayers(count=1))) == BASELINES
    assert baselines_of(steps(RANDOM, KeepLayers(count=1))) == BASELINES  # other layers are drawn
    assert baselines_of(config(start="random")) == ("no teacher",)
    assert baselines_of(config(**HARD)) == ("random start",)
    assert not starts_random(steps(replace(RANDOM, init="teacher")))
