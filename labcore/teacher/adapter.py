"""A PEFT adapter of yours, merged into its base: the lab's own base, a folder, or a model from the hub."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from transformers import PretrainedConfig

from labcore.models.classifier import Classifier, initialise_randomly
from labcore.models.family import family_of
from labcore.teacher.config_file import read_config
from labcore.teacher.location import ADAPTER, CONFIG, WEIGHTS, TeacherError, adapted_from, few, folder_of
from labcore.teacher.weights_file import Stored, check_against, read_tensors, stored_tensors

TENSORS = "adapter_model.safetensors"
PREFIX = "base_model.model."  # of every tensor that PEFT saves


def base_folder_of(folder: Path) -> Path:
    """The folder of the adapter's base.

    Raises TeacherError if it is not on this machine, if it is an adapter itself, or if `folder` holds a model as well.
    """
    if (folder / WEIGHTS).is_file():
        raise TeacherError(
            f"{folder} holds a model and an adapter, so it is unclear which is meant; move {ADAPTER} or {WEIGHTS} away"
        )
    name = adapted_from(folder)
    assert name is not None  # only folders with an adapter come here
    try:
        base = folder_of(name)
    except TeacherError:
        raise TeacherError(
            f"{folder} is an adapter of {name}, which is not on this machine; merge them (merge_and_unload) and save "
            f"the model, or put the base at the path in its {ADAPTER}"
        ) from None
    if (base / ADAPTER).is_file():
        raise TeacherError(
            f"the base of the adapter in {folder} is {base}, an adapter itself; "
            "merge them (merge_and_unload) and save the model"
        )
    return base


def adapted_config(folder: Path, base: Path) -> PretrainedConfig:
    """The config of the merged model, once base and adapter together hold exactly its tensors. Only headers are read.

    Raises TeacherError as for any folder, and if the adapter holds no classifier.
    """
    config, stored = _parts(folder, base)
    check_against(config, stored, base)
    return config


def merged(folder: Path, base: Path) -> Classifier:
    """The base with the adapter of `folder` merged into plain fp32 weights.

    Raises TeacherError as `adapted_config`, if the adapter lacks a tensor or holds one too many, or if a number is not
    finite.
    """
    config, stored = _parts(folder, base)
    model: Any = initialise_randomly(check_against(config, stored, base))
    model.load_state_dict(read_tensors(stored, base))
    try:
        with warnings.catch_warnings(action="ignore"):  # the causes of PEFT's warnings are rejected below
            adapted = PeftModel.from_pretrained(model, folder)
            expected = set(get_peft_model_state_dict(adapted))
            result: Classifier = adapted.merge_and_unload()
    except Exception as error:  # PEFT and safetensors raise types of their own
        reason = " ".join(str(error).split())[:200]
        raise TeacherError(
            f"the adapter in {folder} does not fit its base {base} ({reason}); give the merged model"
        ) from None
    given = set(_stored(folder))
    if wrong := sorted(expected ^ given):  # PEFT fills in what is missing and ignores what it does not expect
        what = "lacks" if wrong[0] in expected else "holds"
        raise TeacherError(
            f"the adapter in {folder} {what} {few(wrong)}, against its {ADAPTER} and its base {base}; "
            "give the adapter as PEFT saved it, or the merged model"
        )
    for name, tensor in result.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise TeacherError(f"{name} of the adapter in {folder} holds numbers that are not finite; train it again")
    return result.requires_grad_(True)


def _parts(folder: Path, base: Path) -> tuple[PretrainedConfig, dict[str, Stored]]:
    """The config of the merged model, and the place of each of its tensors.

    Tensors that the adapter trained in full replace the base's, which then needs no classifier.
    """
    config = read_config(folder if (folder / CONFIG).is_file() else base)
    family = family_of(config)
    classifier, own = f"{family.head.logits}.weight", tuple(f"{name}." for name in family.first_modules())
    full = {_plain(name): each for name, each in _stored(folder).items() if ".lora_" not in name}
    if classifier not in full:
        raise TeacherError(
            f"the adapter in {folder} holds no classifier, so it predicts no labels; give one that was trained with "
            'task_type "SEQ_CLS", or the merged model'
        )
    labels = full[classifier].shape[0]
    if len(config.id2label or {}) != labels:
        config.num_labels = labels
    stored = {
        name if name.startswith(own) else f"{family.body}.{name}": each
        for name, each in stored_tensors(base).items()
        if not name.startswith(family.pretraining_heads)
    }
    for buffer in family.unread:
        stored.pop(buffer, None)
    return config, stored | full


def _plain(name: str) -> str:
    return name.removeprefix(PREFIX).replace(".modules_to_save.default", "").replace(".modules_to_save", "")


def _stored(folder: Path) -> dict[str, Stored]:
    """The tensors in the adapter's file, by their names there. Only its header is read."""
    file = folder / TENSORS
    try:
        with safe_open(file, framework="pt") as content:
            parts = {name: content.get_slice(name) for name in content.keys()}  # noqa: SIM118  (not a dict)
            return {
                name: Stored(name, file, tuple(part.get_shape()), str(part.get_dtype())) for name, part in parts.items()
            }
    except (OSError, SafetensorError) as error:
        raise TeacherError(f"{file} can't be read ({error}); an adapter needs it beside {ADAPTER}") from None
