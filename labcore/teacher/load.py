"""Load a teacher: the packaged MiniLM with one of the lab's adapters, a folder, or a model of the Hugging Face hub.

Only safetensors are read: a pickled checkpoint could run code.
"""

from __future__ import annotations

import hashlib
import warnings
from functools import lru_cache
from pathlib import Path

import huggingface_hub
import safetensors.torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoConfig, AutoTokenizer, PretrainedConfig, PreTrainedTokenizerBase

from labcore.models.architecture import Architecture
from labcore.models.classifier import Classifier, class_for, initialise_randomly
from labcore.models.family import architecture_in
from labcore.teacher.adapter import adapted_config, base_folder_of, merged
from labcore.teacher.base_model import BASE_FILES, BASE_ID, BASE_PACKAGE, BASE_SHA256, WEIGHTS, package_folder
from labcore.teacher.built_in import BUILT_IN, TEACHERS, WITHOUT_WEIGHTS, ready_teachers
from labcore.teacher.config_file import read_config
from labcore.teacher.identity import identity_of
from labcore.teacher.location import ADAPTER, STRUCTURE, TeacherError, folder_of
from labcore.teacher.location import WEIGHTS as PLAIN_WEIGHTS
from labcore.teacher.tokenizer_files import has_tokenizer, read_tokenizer
from labcore.teacher.weights_file import check_against, read_tensors, stored_tensors

__all__ = ["BASE_ID", "BASE_SHA256", "WEIGHTS", "TeacherError", "load_teacher", "load_teacher_tokenizer"]

# PEFT 0.21 asks transformers 5.23 for it by its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)


# -- the base ----------------------------------------------------------------------------------------


def base_folder() -> Path:
    """The folder of all-MiniLM-L6-v2: that of the installed package, otherwise a download from the hub.

    Raises TeacherError if the package is not installed and the download fails.
    """
    if (packaged := package_folder(BASE_PACKAGE)) is not None:
        return packaged
    try:
        return Path(huggingface_hub.snapshot_download(BASE_ID, allow_patterns=BASE_FILES))
    except (OSError, ValueError) as error:
        raise TeacherError(
            f"the package {BASE_PACKAGE.replace('_', '-')} is not installed and {BASE_ID} could not be downloaded; "
            f"install the package, or go online: {error}"
        ) from error


def load_base(num_labels: int) -> Classifier:
    """The base under a pooler of its own and a new, random classifier, in training mode, fp32.

    Raises TeacherError if the file of weights is not, byte for byte, the one that the lab was built on.
    """
    folder = base_folder()
    path = folder / "model.safetensors"
    try:
        content = path.read_bytes()  # read once: what is checked is what is loaded
    except OSError as error:
        raise TeacherError(f"{path} can't be read; reinstall {BASE_PACKAGE.replace('_', '-')}: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != BASE_SHA256:
        raise TeacherError(
            f"{path} has the SHA-256 {digest}, but that of {BASE_ID} is {BASE_SHA256}: the file is damaged or "
            f"another model; reinstall {BASE_PACKAGE.replace('_', '-')}"
        )
    family_config = type(AutoConfig.from_pretrained(folder))  # AutoConfig itself stores the folder's path as the name
    config = family_config.from_pretrained(folder, num_labels=num_labels)
    config.architectures = [class_for(config).__name__]
    model = class_for(config)(config)
    weights = safetensors.torch.load(content)
    model.base_model.load_state_dict({name: weights[name] for name in model.base_model.state_dict()})
    return model


def load_tokenizer() -> PreTrainedTokenizerBase:
    """The base's tokenizer: uncased WordPiece, 30,522 tokens."""
    return AutoTokenizer.from_pretrained(base_folder())


# -- the adapter -------------------------------------------------------------------------------------


def merge_adapter(model: Classifier, folder: Path) -> Classifier:
    """The model with the PEFT adapter of `folder` merged into plain, trainable weights: W + (alpha / r) · B·A.

    Modules that were trained in full replace the model's. `model` itself can't be used afterwards.
    Raises TeacherError if the folder holds no adapter that fits the model.
    Hu et al., 2021, LoRA, section 4.1: https://arxiv.org/abs/2106.09685
    """
    if not (folder / "adapter_model.safetensors").is_file():  # PEFT would ask the hub for it
        raise _no_adapter(folder, "adapter_model.safetensors is missing")
    try:
        result: Classifier = PeftModel.from_pretrained(model, folder).merge_and_unload()
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise _no_adapter(folder, error) from error
    return result.requires_grad_(True)


def _no_adapter(folder: Path, reason: object) -> TeacherError:
    return TeacherError(
        f"{folder} is not an adapter of {BASE_ID}; it needs PEFT's adapter_config.json and "
        f"adapter_model.safetensors: restore them from the repository, or run `python -m labcore finetune`: {reason}"
    )


# -- any teacher -------------------------------------------------------------------------------------


def load_teacher(name: str) -> Classifier:
    """The teacher called `name`, in evaluation mode, fp32: one of TEACHERS, an existing folder, or a hub id.

    If it is your own (a folder, a file in it, or a hub id), its config and its weights fit each other exactly. Its
    logits are those of transformers on the same folder.
    Raises TeacherError, which gives the cause in one line, for any other.
    """
    if name in TEACHERS:
        return merge_adapter(load_base(TEACHERS[name].labels), WEIGHTS / name).eval()
    _check_weights_are_here(name)
    folder = folder_of(name)
    if (folder / ADAPTER).is_file():
        return merged(folder, base_folder_of(folder)).eval()
    config = _config_of(folder)
    stored = stored_tensors(folder)
    model = check_against(config, stored, folder)
    initialise_randomly(model).load_state_dict(read_tensors(stored, folder))
    return model.eval()


def load_teacher_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer of the teacher called `name`, whose tokens all have a row in its word table: see `load_teacher`."""
    if name in TEACHERS:
        return load_tokenizer()
    _check_weights_are_here(name)
    return read_tokenizer(_tokenizer_folder(folder_of(name)), architecture_of(name).vocabulary)


def architecture_of(name: str) -> Architecture:
    """The sizes of a built-in teacher or architecture, or of your own teacher, whose config and weights must agree.

    Of weights only the shapes are read.
    """
    return BUILT_IN[name] if name in BUILT_IN else _own_architecture(name, identity_of(name))


@lru_cache(maxsize=64)
def _own_architecture(name: str, identity: str) -> Architecture:
    folder = folder_of(name)
    if (folder / ADAPTER).is_file():
        return architecture_in(adapted_config(folder, base_folder_of(folder)))
    config = _config_of(folder)
    check_against(config, stored_tensors(folder), folder)
    return architecture_in(config)


def _config_of(folder: Path) -> PretrainedConfig:
    if (folder / STRUCTURE).is_file() and not (folder / PLAIN_WEIGHTS).is_file():
        raise TeacherError(
            f"{folder} holds a student that the lab saved and that is no plain member of its family; "
            "labcore.compress.load reads it, and `python -m labcore run` takes it as a teacher"
        )
    return read_config(folder)


def _tokenizer_folder(folder: Path) -> Path:
    """Where an adapter's tokenizer is: beside it, or else beside its base."""
    if (folder / ADAPTER).is_file() and not has_tokenizer(folder):
        return base_folder_of(folder)
    return folder


def _check_weights_are_here(name: str) -> None:
    if name in WITHOUT_WEIGHTS:
        raise TeacherError(f"teacher {name!r} has no weights here: it can be counted; give {ready_teachers()}")
