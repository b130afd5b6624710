"""Every field of a spec changes the outcome in some spec."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.config.ineffective import asked_without_effect
from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.spec import DistilConfig, Final, Spec
from labcore.config.steps import (
    KINDS,
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Prune,
    PruneHeads,
    PruneNeurons,
    Quantise,
    TrimVocabulary,
)
from labcore.data.tasks import load_task
from labcore.runs.cache import counted
from tests.shared.outcomes import ENDS, RANDOM, config, outcome, steps

STATES = config(hidden=1.0)
WIDE = replace(RANDOM, intermediate=64)  # rows of more than one group

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
    "quantise.bits": (steps(Quantise(4)), steps(Quantise(3))),
    "quantise.group": (steps(WIDE, Quantise(4)), steps(WIDE, Quantise(4, group="row"))),
    "quantise.embeddings": (steps(Quantise(4)), steps(Quantise(4, embeddings="none"))),
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
