"""The BERT classifier in what people have at hand in Python: compiled, parallel or PEFT-wrapped; or why it is none."""

from __future__ import annotations

import copy
from typing import Any

from torch import nn
from transformers import BertForSequenceClassification

from labcore.config.checks import SpecError

GIVE = "give a BertForSequenceClassification"


def plain_classifier(model: object) -> BertForSequenceClassification:
    """The classifier under torch.compile's or DataParallel's wrapper, or with its PEFT adapter merged (into a copy).

    Raises SpecError for anything else, and for one whose weights torch.nn.utils.prune or a parametrisation computes.
    """
    found: Any = model
    while isinstance(found, nn.Module) and not isinstance(found, BertForSequenceClassification):
        inner = _inner(found)
        if inner is None:
            break
        found = inner
    if not isinstance(found, BertForSequenceClassification):
        what = type(found).__name__
        if what.startswith("Bert"):
            raise SpecError(f"the teacher is of type {what}, which is no classifier; {GIVE}, fine-tuned on the task")
        raise SpecError(f"the teacher is of type {what}; {GIVE}, or its name to labcore.teacher.load.load_teacher")
    for name, _ in found.named_parameters():
        if name.endswith("_orig"):
            raise SpecError(
                f"the teacher's {name.removesuffix('_orig')} is masked by torch.nn.utils.prune; make it permanent first: "
                "prune.remove(module, 'weight') on each module"
            )
        if ".parametrizations." in name:
            raise SpecError(
                f"the teacher's {name} is parametrised; make it plain first: "
                "torch.nn.utils.parametrize.remove_parametrizations"
            )
        if ".lora_" in name:
            raise SpecError(f"the teacher holds {name}, an adapter inside; give the model of merge_and_unload()")
    return found


def _inner(model: nn.Module) -> Any:
    """What a wrapper holds; None if the module is no wrapper."""
    if hasattr(model, "merge_and_unload"):  # PEFT
        return copy.deepcopy(model).merge_and_unload()  # type: ignore[operator]  # it would merge in place
    wrapped = model._modules.get("_orig_mod")  # torch.compile
    if wrapped is None and isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        wrapped = model.module
    return wrapped
