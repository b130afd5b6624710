"""Your teacher's weights, checked against its config: every tensor there, none left over, of one shape, finite.

transformers fills missing tensors with random numbers and ignores those that it does not expect. Such a teacher
predicts otherwise than the model that was trained, so here both are errors that name the tensors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import PretrainedConfig

from labcore.config.json_data import read_json
from labcore.models.classifier import Classifier, build, class_for
from labcore.models.family import FAMILIES, OLD_ENDINGS, Family, architecture_in, family_of
from labcore.teacher.location import CONFIG, SHARDS, WEIGHTS, TeacherError, few

FLOATS = ("F64", "F32", "F16", "BF16")
# The prefixes of DataParallel, torch.compile and Lightning, before the first module of a family.
FIRST_MODULES = sorted({name for family in FAMILIES.values() for name in family.first_modules()})
# The linear maps of all families' heads.
HEADS = {path for family in FAMILIES.values() for path in (family.head.pooled, family.head.logits)}
WRAPPERS = re.compile(rf"((module|_orig_mod|model)\.)+(?=({'|'.join(map(re.escape, FIRST_MODULES))})\.)")
# By part of a name that no model of the family has: how the file was made, and what to do.
TRACES = {
    "_orig": (
        "it was pruned by torch.nn.utils.prune; call prune.remove(module, 'weight') on each module, and save again"
    ),
    "parametrizations.": "it holds parametrizations; remove them (torch.nn.utils.parametrize), and save again",
    "lora_": "it holds an adapter that is not merged; call merge_and_unload(), and save again",
}


@dataclass(frozen=True)
class Stored:
    """A tensor in a file, before it is read: its name there, its file, its shape and its type."""

    name: str
    file: Path
    shape: tuple[int, ...]
    dtype: str


def stored_tensors(folder: Path) -> dict[str, Stored]:
    """The tensors in a folder's safetensors, by the names that a classifier gives them. Only headers are read.

    Raises TeacherError if a file is missing or cut short, or if two tensors come to one name.
    """
    tensors: dict[str, Stored] = {}
    for file in _files(folder):
        try:
            with safe_open(file, framework="pt") as content:
                for name in content.keys():  # noqa: SIM118  (not a dict)
                    part = content.get_slice(name)
                    plain = _plain_name(name)
                    if plain in tensors:
                        raise TeacherError(f"the weights of {folder} hold {plain} twice; save the model again")
                    tensors[plain] = Stored(name, file, tuple(part.get_shape()), str(part.get_dtype()))
        except SafetensorError:
            raise TeacherError(
                f"the weights of {folder} can't be loaded: the file {file.name} is damaged or was cut short; copy it "
                "again, or let model.save_pretrained write it again"
            ) from None
        except OSError as error:
            raise TeacherError(
                f"the weights of {folder} can't be loaded: the file {file.name} can't be read "
                f"({error.strerror or type(error).__name__}); copy it again"
            ) from None
    for name in {name for family in FAMILIES.values() for name in family.unread}:
        tensors.pop(name, None)
    return tensors


def check_against(config: PretrainedConfig, stored: Mapping[str, Stored], folder: Path) -> Classifier:
    """The model of this config on the meta device, once the tensors are exactly its own.

    Raises TeacherError with both numbers if the config gives another size than the weights. Raises TeacherError with
    the names of tensors that are missing, left over, of another shape, or no floating-point numbers.
    """
    _check_sizes(config, stored, folder)
    model = build(architecture_in(config), config)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    missing, extra = sorted(expected.keys() - stored.keys()), sorted(stored.keys() - expected.keys())
    if missing or extra:
        raise TeacherError(f"{folder} {_difference(config, missing, extra)}")
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
    """The tensors in fp32. Raises TeacherError with the name of the first that holds a number that is not finite."""
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
        named = read_json(index, error=TeacherError)["weight_map"].values()
        files = [folder / Path(name).name for name in sorted(set(named))]
    except (KeyError, TypeError, AttributeError) as error:
        raise TeacherError(f"{index} is not an index of weights ({error!r}); copy it again") from None
    if gone := [file.name for file in files if not file.is_file()]:
        raise TeacherError(f"{folder} lacks {', '.join(gone)}, which its {SHARDS} names; copy the whole folder")
    return files


def _plain_name(name: str) -> str:
    """A tensor's name without a wrapper's prefix, and LayerNorm's as they are called today."""
    plain = WRAPPERS.sub("", name) if WRAPPERS.match(name) else name
    for old, new in OLD_ENDINGS.items():
        if plain.endswith(old):
            plain = plain.removesuffix(old) + new
    return plain


# -- against the config ------------------------------------------------------------------------------


def _check_sizes(config: PretrainedConfig, stored: Mapping[str, Stored], folder: Path) -> None:
    """Raise TeacherError with both numbers if a size in the config is not the weights', before a model is built."""
    for size, in_weights in family_of(config).sizes_from({name: each.shape for name, each in stored.items()}).items():
        in_config = len(config.id2label or {}) if size == "num_labels" else getattr(config, size)
        if in_weights != in_config:
            name = "number of labels" if size == "num_labels" else size
            raise TeacherError(
                f"{CONFIG} of {folder} gives {name} {in_config:,}, but its weights hold {in_weights:,}; "
                "restore the config that the model was saved with"
            )


def _difference(config: PretrainedConfig, missing: list[str], extra: list[str]) -> str:
    """What is missing and what is left over, and the likely cause: the end of a sentence."""
    kind, family = class_for(config).__name__, family_of(config)
    for trace, meaning in TRACES.items():
        if any(trace in name for name in extra):
            return f"holds {few(extra)}, which no {kind} has: {meaning}"
    if foreign := next((label for name in extra if (label := _foreign(name, family))), None):
        return f"holds {few(extra)}: they are a {foreign}'s by their names, but {CONFIG} names a {family.label}"
    if any(name.rpartition(".")[0] in HEADS for name in extra):
        return f"holds {few(extra)}, which no {kind} has: its classifier is another one than {kind}'s"
    if any(name.rpartition(".")[0] in (family.head.pooled, family.head.logits) for name in missing):
        return (
            f"has no weights for {few(missing)}; give a {family.label} that was fine-tuned as a {kind}, "
            "because the lab needs a classifier"
        )
    parts = [f"has no weights for {few(missing)}"] if missing else []
    if extra:
        parts.append(f"holds {few(extra)}, which {CONFIG} does not make")
    return f"{' and '.join(parts)}; save the model again with model.save_pretrained"


def _foreign(name: str, family: Family) -> str | None:
    """The label of another family that has its embeddings or layers under this name."""
    for other in FAMILIES.values():
        if other.body != family.body and name.startswith((f"{other.embeddings.module}.", f"{other.layers}.")):
            return other.label
    return None


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape) or "one number"
