"""A brought teacher's weights, held against its config: every tensor there, none left over, of one shape, finite.

transformers fills what is missing with random numbers and leaves out what it does not know. A teacher read so answers
something else than the model that was trained, so here each of both is a refusal that names the tensors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification

from labcore.models import classifier, encoder
from labcore.teacher.location import CONFIG, SHARDS, WEIGHTS, TeacherError, few

FLOATS = ("F64", "F32", "F16", "BF16")
WRAPPERS = re.compile(
    r"((module|_orig_mod|model)\.)+(?=bert\.|classifier\.)"
)  # of DataParallel, torch.compile, Lightning
OLD_NAMES = {".LayerNorm.gamma": ".LayerNorm.weight", ".LayerNorm.beta": ".LayerNorm.bias"}
# What a name that is not a BERT's tells of how the file was made, and what to do.
TRACES = {
    "_orig": "it was pruned by torch.nn.utils.prune; call prune.remove(module, 'weight') on each module, and save again",
    "parametrizations.": "it holds parametrizations; remove them (torch.nn.utils.parametrize), and save again",
    "lora_": "it holds an adapter that is not merged; call merge_and_unload(), and save again",
    "classifier.dense": "its classifier is another one than BertForSequenceClassification's",
    "classifier.out_proj": "its classifier is another one than BertForSequenceClassification's",
}


@dataclass(frozen=True)
class Stored:
    """A tensor in a file, before it is read: its name there, its file, its shape and its type."""

    name: str
    file: Path
    shape: tuple[int, ...]
    dtype: str


def stored_tensors(folder: Path) -> dict[str, Stored]:
    """What a folder's safetensors hold, by the names that a BERT classifier gives them. Only headers are read.

    Raises TeacherError if a file is missing or cut short, or if two tensors come to one name.
    """
    found: dict[str, Stored] = {}
    for file in _files(folder):
        try:
            with safe_open(file, framework="pt") as content:
                for name in content.keys():  # noqa: SIM118  (not a dict)
                    part = content.get_slice(name)
                    plain = _plain_name(name)
                    if plain in found:
                        raise TeacherError(f"the weights of {folder} hold {plain} twice; save the model again")
                    found[plain] = Stored(name, file, tuple(part.get_shape()), str(part.get_dtype()))
        except (OSError, SafetensorError) as error:
            raise TeacherError(
                f"the weights of {folder} can't be loaded ({file.name}: {error}); it needs a whole {WEIGHTS} "
                "(model.save_pretrained writes one)"
            ) from None
    for name in encoder.BUFFERS:
        found.pop(name, None)
    return found


def check_against(config: BertConfig, stored: Mapping[str, Stored], folder: Path) -> BertForSequenceClassification:
    """The model of this config on the meta device, once the tensors are exactly its own.

    Raises TeacherError that gives both numbers if the config says another size than the weights, or names the tensors
    that are missing, left over, of another shape, or no floating-point numbers.
    """
    _check_sizes(config, stored, folder)
    model = classifier.build(encoder.architecture_in(config), config)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    missing, extra = sorted(expected.keys() - stored.keys()), sorted(stored.keys() - expected.keys())
    if missing or extra:
        raise TeacherError(f"{folder} {_difference(missing, extra)}")
    for name, shape in expected.items():
        if stored[name].shape != shape:
            raise TeacherError(
                f"{name} in the weights of {folder} is {_by(stored[name].shape)}, but {CONFIG} makes it {_by(shape)}; "
                "restore the config that the model was saved with"
            )
        if stored[name].dtype not in FLOATS:
            raise TeacherError(
                f"{name} in the weights of {folder} is stored as {stored[name].dtype}; the lab reads floating-point "
                "weights, so give the model before it was quantised"
            )
    return model


def read_tensors(stored: Mapping[str, Stored], folder: Path) -> dict[str, Tensor]:
    """The tensors in fp32. Raises TeacherError that names the first with a number that is not finite."""
    tensors: dict[str, Tensor] = {}
    with ExitStack() as stack:
        open_files = {
            file: stack.enter_context(safe_open(file, framework="pt"))
            for file in dict.fromkeys(each.file for each in stored.values())
        }
        for name, each in stored.items():
            try:
                tensor = open_files[each.file].get_tensor(each.name).to(torch.float32)
            except (SafetensorError, OSError) as error:
                raise TeacherError(
                    f"the weights of {folder} can't be loaded ({name}: {error}); copy them again"
                ) from None
            if wrong := tensor.numel() - int(torch.isfinite(tensor).sum()):
                numbers = "1 number that is" if wrong == 1 else f"{wrong:,} numbers that are"
                raise TeacherError(
                    f"{name} in the weights of {folder} holds {numbers} not finite (NaN or infinite); "
                    "train the model again, or take an earlier checkpoint"
                )
            tensors[name] = tensor
    return tensors


# -- files and names ---------------------------------------------------------------------------------


def _files(folder: Path) -> list[Path]:
    """The files of weights, in the order in which transformers looks for them."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    index = folder / SHARDS
    if not index.is_file():
        pickled = sorted(file.name for file in folder.glob("*.bin"))
        what = f"holds {pickled[0]}, a pickled file, which could run code" if pickled else f"has no {WEIGHTS}"
        raise TeacherError(
            f"the weights of {folder} can't be loaded: it {what}; the lab reads safetensors only, so load the model in "
            "transformers and call model.save_pretrained"
        )
    try:
        named = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        files = [folder / Path(name).name for name in sorted(set(named))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TeacherError(f"{index} can't be read ({error}); copy it again") from None
    if gone := [file.name for file in files if not file.is_file()]:
        raise TeacherError(f"{folder} lacks {', '.join(gone)}, which its {SHARDS} names; copy the whole folder")
    return files


def _plain_name(name: str) -> str:
    """A tensor's name without a wrapper's prefix, and LayerNorm's as they are called today."""
    plain = WRAPPERS.sub("", name) if WRAPPERS.match(name) else name
    for old, new in OLD_NAMES.items():
        if plain.endswith(old):
            plain = plain.removesuffix(old) + new
    return plain


# -- against the config ------------------------------------------------------------------------------


def _check_sizes(config: BertConfig, stored: Mapping[str, Stored], folder: Path) -> None:
    """Raise TeacherError with both numbers if a size in the config is not the weights': before a model of it is built."""
    for what, held in encoder.sizes_in({name: each.shape for name, each in stored.items()}).items():
        said = len(config.id2label or {}) if what == "num_labels" else getattr(config, what)
        if held != said:
            name = "number of labels" if what == "num_labels" else what
            raise TeacherError(
                f"{CONFIG} of {folder} gives {name} {said:,}, but its weights hold {held:,}; restore the config that the "
                "model was saved with"
            )


def _difference(missing: list[str], extra: list[str]) -> str:
    """What is missing and what is left over, and what that tells: the end of a sentence."""
    for trace, meaning in TRACES.items():
        if any(trace in name for name in extra):
            return f"holds {few(extra)}, which no {BertForSequenceClassification.__name__} has: {meaning}"
    if any(name.startswith("classifier.") for name in missing):
        return (
            f"has no weights for {few(missing)}; give a BERT that was fine-tuned as a "
            f"{BertForSequenceClassification.__name__}, for it needs a classifier"
        )
    parts = [f"has no weights for {few(missing)}"] if missing else []
    if extra:
        parts.append(f"holds {few(extra)}, which {CONFIG} does not make")
    return f"{' and '.join(parts)}; save the model again with model.save_pretrained"


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape) or "one number"
