"""Every field of a spec changes the outcome in some spec, and what is said to have no effect has none."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import prune_gradually, split_off_pruning
from labcore.compress.random_init import reinitialise
from labcore.config.ineffective import asked_without_effect, check_effective, starts_random, without_effect
from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.presets import PRESETS, PUBLISHED_STUDENTS, SWEEPS
from labcore.config.spec import DistilConfig, Final, Spec, SpecError
from labcore.config.steps import (
    KINDS,
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.config.validation_schedule import MAX_VALIDATIONS, longest_patience, validations
from labcore.data.tasks import load_task
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED
from labcore.distil.objective import Objective
from labcore.distil.targets import compute_targets
from labcore.distil.train import distil
from labcore.evaluate.baselines import BASELINES, baseline, baselines_of
from labcore.models.structure import structure_of
from labcore.results.events import TrainStep, Validation
from labcore.runs.cache import counted
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, tiny_examples

SHORT: dict[str, Any] = {"batch_size": 8, "epochs": 2, "learning_rate": 1e-2}
TRAIN, TEST = 40, 20


def outcome(tiny: BertForSequenceClassification, calibration: Calibration, spec: Spec) -> tuple[object, ...]:
    """The results of a spec on the tiny BERT: shapes, zeros, losses, learning rates, validations, final weights."""
    config = spec.distil
    before, prunes = split_off_pruning(spec.steps) if config.gradual else (spec.steps, ())
    student = derive(tiny, before, calibration, config.seed)
    prune_gradually(student, prunes)
    if config.start == "random":
        reinitialise(student)
    train, validation = tiny_examples(TRAIN), tiny_examples(TEST, seed=1)
    if student.vocabulary is not None:  # as a tokenizer of fewer tokens reads it: what is gone is [UNK]
        indices = {old: new for new, old in enumerate(student.vocabulary)}
        train, validation = (
            replace(data, tokens=tuple(tuple(indices.get(i, indices[1]) for i in row) for row in data.tokens))
            for data in (train, validation)
        )
    assistant = tiny if spec.assistant is None else derive(tiny, spec.assistant.steps, calibration).model
    targets = finish(compute_targets(assistant, tiny_examples(TRAIN), states=True))
    of_teacher = finish(compute_targets(tiny, tiny_examples(TEST, seed=1), states=False))
    live = LiveTeacher(assistant, tiny_examples(TRAIN))
    events = list(distil(student, train, validation, targets, of_teacher, config, teacher=live, bf16=False))
    return (
        structure_of(student.model),
        dict(student.zeros),
        [(e.total, e.learning_rate, e.examples) for e in events if isinstance(e, TrainStep)],
        [(e.step, e.accuracy, e.loss, e.best) for e in events if isinstance(e, Validation)],
        bytes_of(student.model),
    )


def config(**given: Any) -> Spec:
    return Spec(steps=(KeepLayers(count=2),), distil=DistilConfig(**SHORT | given))


def steps(*given: Step, **more: Any) -> Spec:
    return Spec(steps=given, distil=DistilConfig(**{**SHORT, "epochs": 1} | more))


STATES = config(hidden=1.0)
ENDS: dict[str, Any] = {"schedule": "linear", "steps": 5}
RANDOM = Manual(hidden=8, layers=2, heads=2, intermediate=16)
HALF_RANDOM = Manual(hidden=8, heads=2)

# For each field of a spec two specs that differ in it alone, with outcomes that differ. None: see `OTHERWISE`.
CHANGES: dict[str, tuple[Spec, Spec] | None] = {
    "teacher": None,
    "task": None,
    "steps": (steps(), steps(KeepLayers(count=2))),
    "distil": (config(), config(seed=1)),
    "assistant": (config(), replace(config(), assistant=Spec(steps=(KeepLayers(count=1),)))),
    **{f"distil.{term.name}": (config(), config(**{term.name: 0.5})) for term in LOSS_TERMS},
    "distil.temperature": (config(), config(temperature=5.0)),
    "distil.layer_map": (STATES, replace(STATES, distil=replace(STATES.distil, layer_map="first"))),
    "distil.epochs": (config(), config(epochs=3)),
    "distil.batch_size": (config(), config(batch_size=4)),
    "distil.learning_rate": (config(), config(learning_rate=None)),
    "distil.seed": (config(), config(seed=1)),
    "distil.hidden_at": (STATES, replace(STATES, distil=replace(STATES.distil, hidden_at="tokens"))),
    "distil.schedule": (config(final=Final(hard=1.0)), config(final=Final(hard=1.0), schedule="linear")),
    "distil.final": (config(**ENDS), config(**ENDS, final=Final(soft=0.0))),
    **{
        f"distil.final.{term.name}": (config(**ENDS), config(**ENDS, final=Final(**{term.name: 0.5})))
        for term in LOSS_TERMS
    },
    "distil.final.temperature": (config(**ENDS), config(**ENDS, final=Final(temperature=8.0))),
    "distil.transfer": None,
    "distil.steps": (config(), config(steps=3)),
    "distil.seconds": (config(), config(seconds=0.05)),
    "distil.patience": (config(learning_rate=1.0, steps=8), config(learning_rate=1.0, steps=8, patience=1)),
    "distil.dropout": (config(), config(dropout=0.3)),
    "distil.weight_decay": (config(), config(weight_decay=0.5)),
    "distil.embeddings": (config(), config(embeddings=False)),
    "distil.gradual": (steps(Prune(0.8)), steps(Prune(0.8), gradual=True)),
    "distil.start": (config(), config(start="random")),
    "keep_layers.layers": (steps(KeepLayers(layers=(0, 1))), steps(KeepLayers(layers=(0, 3)))),
    "keep_layers.count": (steps(KeepLayers(count=1)), steps(KeepLayers(count=2))),
    "keep_layers.pick": (steps(KeepLayers(count=2)), steps(KeepLayers(count=2, pick="first"))),
    "manual.hidden": (steps(RANDOM), steps(replace(RANDOM, hidden=16))),
    "manual.layers": (steps(RANDOM), steps(replace(RANDOM, layers=1))),
    "manual.heads": (steps(RANDOM), steps(replace(RANDOM, heads=1))),
    "manual.intermediate": (steps(RANDOM), steps(replace(RANDOM, intermediate=8))),
    "manual.init": (steps(RANDOM), steps(replace(RANDOM, init="teacher"))),
    "prune_heads.heads": (steps(PruneHeads(2)), steps(PruneHeads(1))),
    "prune_heads.by": (steps(PruneHeads(1)), steps(PruneHeads(1, by="taylor"))),
    "prune_neurons.intermediate": (steps(PruneNeurons(16)), steps(PruneNeurons(8))),
    "prune_neurons.by": (steps(PruneNeurons(8)), steps(PruneNeurons(8, by="taylor"))),
    "prune.sparsity": (steps(Prune(0.5)), steps(Prune(0.6))),
    "prune.scope": (steps(Prune(0.5)), steps(Prune(0.5, scope="global"))),
    "prune.embeddings": (steps(Prune(0.5)), steps(Prune(0.5, embeddings=True))),
    "prune.pattern": (steps(Prune(0.5)), steps(Prune(0.5, pattern="2:4"))),
    "factorise.rank": (steps(Factorise(4)), steps(Factorise(5))),
    "factorise.energy": (steps(Factorise(energy=0.3)), steps(Factorise(energy=0.6))),
    "factorise.method": (steps(Factorise(4)), steps(Factorise(4, method="activation"))),
    "factorise_embeddings.rank": (steps(FactoriseEmbeddings(4)), steps(FactoriseEmbeddings(5))),
    "trim_vocabulary.size": (steps(TrimVocabulary(size=40)), steps(TrimVocabulary(size=30))),
    "trim_vocabulary.task": (
        steps(TrimVocabulary(size=30)),
        steps(TrimVocabulary(task=True)),
    ),  # one or the other is given
}
OTHERWISE = {name for name, pair in CHANGES.items() if pair is None}


def test_every_field_has_its_pair() -> None:
    every = {f.name for f in fields(Spec)}
    every |= {f"distil.{f.name}" for f in fields(DistilConfig)} | {f"distil.final.{f.name}" for f in fields(Final)}
    every |= {f"{kind.kind}.{f.name}" for kind in KINDS for f in fields(kind)}
    assert set(CHANGES) == every
    assert {"teacher", "task", "distil.transfer"} == OTHERWISE


@pytest.mark.parametrize("name", sorted(set(CHANGES) - OTHERWISE))
def test_the_field_changes_the_outcome(
    name: str, tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    pair = CHANGES[name]
    assert pair is not None
    one, other = (outcome(tiny, calibration, spec) for spec in pair)
    assert one != other
    path = f"steps[0].{name.split('.')[1]}" if name.split(".")[0] in {k.kind for k in KINDS} else name
    assert path not in {note.field for note in asked_without_effect(pair[1])}


def test_teacher_task_and_transfer_change_what_is_counted_and_read() -> None:
    assert counted(Spec(teacher="bert-base-uncased")) != counted(Spec())
    assert load_task("news").splits["train"] != load_task("reviews").splits["train"]
    assert load_task("reviews").transfer_examples(0) != load_task("reviews").transfer_examples(3)


# -- without effect ------------------------------------------------------------------------------------

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
        weights = spec.distil.at(0.0)
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


# -- validations ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{"steps": 2}, {"steps": 8}, {"steps": 30, "gradual": True}, {"epochs": 1}])
def test_the_longest_patience_is_the_last_that_ends_a_training_early(
    given: dict[str, Any], tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    def taken(patience: int | None) -> list[int]:
        """The steps of the validations of a training in which nothing after the first counted one is better."""
        given_steps = (Prune(0.5),) if given.get("gradual") else (KeepLayers(count=2),)
        spec = Spec(
            steps=given_steps, distil=DistilConfig(**SHORT | {"learning_rate": 1e-12} | given, patience=patience)
        )
        events = outcome(copy.deepcopy(tiny), calibration, spec)[3]
        return [step for step, *_ in events]  # type: ignore[attr-defined]

    config = DistilConfig(**SHORT | given)
    most, times = longest_patience(config, TRAIN), validations(config, TRAIN)
    assert times is not None
    assert len(taken(None)) == times + 1
    assert len(taken(most + 1)) == times + 1
    if most:
        assert len(taken(most)) < times + 1


def test_validations_are_4_to_20_and_known_beforehand_but_for_seconds() -> None:
    assert validations(DistilConfig(epochs=1), 100) == 4
    assert validations(DistilConfig(epochs=10), 8530) == 17
    assert validations(DistilConfig(steps=100_000), None) == MAX_VALIDATIONS == 20
    assert validations(DistilConfig(steps=3), None) == 3
    assert validations(DistilConfig(seconds=60), 100) is validations(DistilConfig(), None) is None
    assert validations(DistilConfig(seconds=60), 100, cost=1.0) == 4
    assert longest_patience(DistilConfig(seconds=60), None) == 19
