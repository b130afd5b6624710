"""A loss that compares nothing is refused before training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.objective import Objective
from labcore.distil.targets import compute_targets
from labcore.runs.store import Store
from labcore.system.progress import finish
from tests.shared.findings import ended
from tests.shared.tiny import tiny_examples


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DistilConfig(relation=1.0), "set distil.relation to 0"),
        (DistilConfig(hidden=1.0, hidden_at="tokens"), "set distil.hidden_at to 'cls'"),
        (DistilConfig(cosine=1.0, relation=1.0, hidden_at="tokens"), "'cls' and distil.relation to 0"),
        (DistilConfig(soft=0.0, hard=0.0, relation=1.0), "trim_vocabulary.size"),
    ],
)
def test_a_loss_that_compares_nothing_is_refused_before_training(
    config: DistilConfig, words: str, tiny: BertForSequenceClassification
) -> None:
    train = tiny_examples(12)
    targets = finish(compute_targets(tiny, train, states=True))
    student = derive(tiny, [KeepLayers(count=2)])  # as wide as its teacher
    nothing = LiveTeacher(tiny, train, torch.zeros(12, dtype=torch.bool))
    with pytest.raises(SpecError, match=words):
        Objective(student, train, targets, config, nothing)
    one = torch.zeros(12, dtype=torch.bool)
    one[3] = True
    Objective(student, train, targets, config, LiveTeacher(tiny, train, one))
    Objective(student, train, targets, DistilConfig(hidden=1.0), nothing)  # at [CLS]


def test_run_and_gradient_balance_refuse_it_alike(spec: Spec, store: Store) -> None:
    from labcore.runs.cache import gradients_at_start

    few = replace(spec, steps=(TrimVocabulary(size=5),), distil=replace(spec.distil, relation=1.0))
    for attempt in (lambda: ended(few, store), lambda: gradients_at_start(few)):
        with pytest.raises(SpecError, match="none of 40 training examples is tokenised identically"):
            attempt()
