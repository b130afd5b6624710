"""A brought PEFT adapter, merged into its base if that is at hand: the lab's own, a folder, or one in the hub's cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError, safe_open
from transformers import BertConfig, BertForSequenceClassification

from labcore.teacher import bert
from labcore.teacher.config_file import read_config
from labcore.teacher.place import ADAPTER, CONFIG, WEIGHTS, TeacherError, adapted_from, folder_of
from labcore.teacher.weights_file import read_tensors, stored_tensors

TENSORS = "adapter_model.safetensors"
PREFIX = "base_model.model."  # of every tensor that PEFT saves


def base_folder_of(folder: Path) -> Path:
    """The folder of the adapter's base. Raises TeacherError if it is not at hand, or if adapter and model are both there."""
    if (folder / WEIGHTS).is_file():
        raise TeacherError(
            f"{folder} holds a model and an adapter, so it can't be told which is meant; move {ADAPTER} or {WEIGHTS} away"
        )
    name = adapted_from(folder)
    assert name is not None  # only folders with an adapter come here
    try:
        return folder_of(name)
    except TeacherError:
        raise TeacherError(
            f"{folder} is an adapter of {name}, which is not at hand; merge them (merge_and_unload) and save the model, or "
            "put the base where its adapter_config.json says"
        ) from None


def adapted_config(folder: Path, base: Path) -> BertConfig:
    """The base's config, with as many labels as the adapter's classifier has rows. Raises TeacherError without one."""
    config = read_config(folder if (folder / CONFIG).is_file() else base)
    rows = [shape[0] for name, shape in _shapes(folder).items() if name.endswith("classifier.weight")]
    if not rows:
        raise TeacherError(
            f"the adapter in {folder} holds no classifier, so it answers no labels; give one that was trained with "
            'task_type "SEQ_CLS", or the merged model'
        )
    if config.num_labels != rows[0]:
        config.num_labels = rows[0]
    return config


def merged(folder: Path, base: Path) -> BertForSequenceClassification:
    """The base with the adapter of `folder` merged into plain fp32 weights. Raises TeacherError for one that does not fit."""
    config = adapted_config(folder, base)
    model: Any = bert.start_at_random(bert.build(bert.architecture_in(config), config))
    stored = {name if name.startswith(("bert.", "classifier.")) else f"bert.{name}": each
              for name, each in stored_tensors(base).items()}  # fmt: skip
    fitting = {name: each for name, each in stored.items()
               if name in model.state_dict() and model.state_dict()[name].shape == each.shape}  # fmt: skip
    model.load_state_dict(read_tensors(fitting, base), strict=False)
    trained = {name.removeprefix(PREFIX).replace(".modules_to_save.default", "").replace(".modules_to_save", "")
               for name in _shapes(folder)}  # fmt: skip
    if missing := sorted(model.state_dict().keys() - fitting.keys() - trained):
        raise TeacherError(
            f"neither the adapter in {folder} nor its base {base} has weights for {', '.join(missing[:3])}; give the "
            "merged model (merge_and_unload) instead"
        )
    try:
        whole: BertForSequenceClassification = PeftModel.from_pretrained(model, folder).merge_and_unload()
    except Exception as error:  # PEFT and safetensors raise types of their own
        reason = " ".join(str(error).split())[:200]
        raise TeacherError(
            f"the adapter in {folder} does not fit its base {base} ({reason}); give the merged model"
        ) from None
    for name, tensor in whole.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise TeacherError(f"{name} of the adapter in {folder} holds numbers that are not finite; train it again")
    return whole.requires_grad_(True)


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    try:
        with safe_open(folder / TENSORS, framework="pt") as content:
            return {name: tuple(content.get_slice(name).get_shape()) for name in content.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TeacherError(
            f"{folder / TENSORS} can't be read ({error}); an adapter needs it beside {ADAPTER}"
        ) from None
