"""The classifier in what people hold in Python: compiled, parallel or wrapped by PEFT; or the reason why it is none."""

from __future__ import annotations

import copy
from typing import Any, cast

from torch import nn
from transformers import PreTrainedModel

from labcore.config.checks import SpecError
from labcore.models.classifier import Classifier, is_classifier
from labcore.models.family import FAMILIES, family_labels

GIVE = f"give a {family_labels()} with a head for sequence classification"


def plain_classifier(model: object) -> Classifier:
    """The classifier under torch.compile's or DataParallel's wrapper, or with its PEFT adapter merged (into a copy).

    Raises SpecError for anything else, and if torch.nn.utils.prune or a parametrisation computes its weights.
    """
    plain: Any = model
    while isinstance(plain, nn.Module) and not is_classifier(plain):
        inner = _inner(plain)
        if inner is None:
            break
        plain = inner
    if not is_classifier(plain):
        kind = type(plain).__name__
        if isinstance(plain, PreTrainedModel) and plain.config.model_type in FAMILIES:
            raise SpecError(f"the teacher is of type {kind}, which is no classifier; {GIVE}, fine-tuned on the task")
        raise SpecError(f"the teacher is of type {kind}; {GIVE}, or its name to labcore.teacher.load.load_teacher")
    for name, _ in plain.named_parameters():
        _check_weight(name)
    return cast(Classifier, plain)


def _check_weight(name: str) -> None:
    """Raise SpecError if the parameter of this name is one from which a weight is computed."""
    if name.endswith("_orig"):
        raise SpecError(
            f"the teacher's {name.removesuffix('_orig')} is masked by torch.nn.utils.prune; "
            "make it permanent first: prune.remove(module, 'weight') on each module"
        )
    if ".parametrizations." in name:
        raise SpecError(
            f"the teacher's {name} is parametrised; make it plain first: "
            "torch.nn.utils.parametrize.remove_parametrizations"
        )
    if ".lora_" in name:
        raise SpecError(f"the teacher holds {name}, an adapter inside; give the model of merge_and_unload()")


def _inner(model: nn.Module) -> Any:
    """What a wrapper holds; None if the module is no wrapper."""
    if hasattr(model, "merge_and_unload"):  # PEFT
        return copy.deepcopy(model).merge_and_unload()  # type: ignore[operator]  # it would merge in place
    wrapped = model._modules.get("_orig_mod")  # torch.compile
    if wrapped is None and isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        wrapped = model.module
    return wrapped
