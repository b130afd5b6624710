"""Your teacher's config.json, read as data: known fields of known types, and nothing that the lab would ignore.

A config may name code to run, or a field that changes the forward pass in a way that the lab does not follow. Both are
errors that name the field: a model that runs otherwise than it was trained would give wrong figures in silence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import CONFIG_MAPPING, PretrainedConfig
from transformers.activations import ACT2FN

from labcore.config.checks import MAX_LAYERS, MAX_SIZE, shown
from labcore.config.json_data import read_json
from labcore.models.classifier import class_for
from labcore.models.family import BERT, FAMILIES
from labcore.teacher.location import CONFIG, TeacherError, inside

MAX_BYTES = 1_000_000
MAX_VOCABULARY = 2_000_000

# Whole numbers that fix the shapes, each with its maximum.
SIZES = {
    "vocab_size": MAX_VOCABULARY,
    "hidden_size": MAX_SIZE,
    "num_hidden_layers": MAX_LAYERS,
    "num_attention_heads": MAX_SIZE,
    "intermediate_size": MAX_SIZE,
    "max_position_embeddings": MAX_SIZE,
    "type_vocab_size": MAX_SIZE,
}
# What identifies a BERT's config of the first releases, which lacks model_type.
FIRST_BERT_FIELDS = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "type_vocab_size")
FRACTIONS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
# Fields with the values for which the lab's forward pass is the model's, and the meaning of another value.
FORWARD: dict[str, tuple[tuple[object, ...], str]] = {
    "is_decoder": ((False, None), "it attends to earlier tokens only"),
    "add_cross_attention": ((False, None), "it reads a second model's states"),
    "is_encoder_decoder": ((False, None), "it has a decoder"),
    "position_embedding_type": (("absolute", None), "its positions are relative"),
    "problem_type": (
        ("single_label_classification", None),
        "the lab trains and evaluates one label an example, by softmax and cross-entropy",
    ),
    "pruned_heads": (({}, [], None), "its heads were removed the old way, which transformers 5 no longer reads"),
    "chunk_size_feed_forward": ((0,), "it reads texts in chunks"),
    "embedding_size": ((None,), "its word table has another width than its layers"),
    "quantization_config": ((None,), "its weights are quantised"),
    "auto_map": ((None,), "it would run code of its own"),
}


def read_config(folder: Path) -> PretrainedConfig:
    """The configuration of a classifier in a folder. Raises TeacherError, which names the field at fault."""
    data = _object(folder)
    kind = data.get("model_type")
    if kind is None and all(name in data for name in FIRST_BERT_FIELDS):
        kind = BERT.model_type
    if kind is None:
        raise TeacherError(f'{folder / CONFIG} names no model type; if it is a BERT, add the line "model_type": "bert"')
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise TeacherError(f"{folder} is a {shown(kind)} model; the lab takes only BERT classifiers")
    for name, (allowed, meaning) in FORWARD.items():
        if name in data and data[name] not in allowed:
            raise TeacherError(
                f"{name} in {folder / CONFIG} is {shown(data[name])}: {meaning}, and the lab's forward pass does not; "
                "give a plain BERT classifier"
            )
    names = _label_names(folder, data)
    _check_by_transformers(folder, kind, data)
    known: dict[str, Any] = {name: _size(folder, data, name, most) for name, most in SIZES.items() if name in data}
    for name in FRACTIONS:
        if data.get(name) is not None:
            known[name] = _number(folder, data, name, lambda value: 0 <= value <= 1, "a number from 0 to 1")
    for name in ("layer_norm_eps", "initializer_range"):
        if name in data:
            known[name] = _number(folder, data, name, lambda value: value > 0, "a number above 0")
    if "hidden_act" in data:
        known["hidden_act"] = _activation(folder, data["hidden_act"])
    known |= {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}
    config = CONFIG_MAPPING[kind](**known)
    if config.hidden_size % config.num_attention_heads:
        raise TeacherError(
            f"{folder / CONFIG} has hidden_size {config.hidden_size}, which its num_attention_heads "
            f"{config.num_attention_heads} can't share evenly; restore the file that the model was saved with"
        )
    config.pad_token_id = _padding(folder, data, config.vocab_size)
    config.architectures = [class_for(config).__name__]
    return config


def _check_by_transformers(folder: Path, model_type: str, data: dict[str, Any]) -> None:
    """Raise TeacherError for a field that transformers itself rejects: nobody could compare the two then."""
    try:
        CONFIG_MAPPING[model_type].from_dict(data)
    except Exception as error:  # strict dataclasses raise types of their own, over several lines
        reason = " ".join(str(error).split())[:200]
        raise TeacherError(f"{folder / CONFIG} is refused by transformers ({reason}); correct the field") from None


def _object(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        if not path.is_file():
            raise TeacherError(f"{folder} can't be read as a model: it {inside(folder)}")
        size = path.stat().st_size
    except OSError as error:
        raise TeacherError(f"{path} can't be read ({error}); copy it again") from None
    if size > MAX_BYTES:
        raise TeacherError(f"{path} has {size:,} bytes; a config has at most {MAX_BYTES:,}")
    data = read_json(path, error=TeacherError)
    if not isinstance(data, dict):
        raise TeacherError(f"{path} is {shown(data)}; a model's config is a JSON object: copy it again")
    return data


def _size(folder: Path, data: dict[str, Any], name: str, most: int) -> int:
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise TeacherError(
            f"{name} in {folder / CONFIG} is {shown(value)}; it must be a whole number from 1 to {most:,}"
        )
    return value


def _number(folder: Path, data: dict[str, Any], name: str, right: Callable[[float], bool], allowed: str) -> float:
    value = data[name]
    ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e30
    if not ok or not math.isfinite(value) or not right(value):
        raise TeacherError(f"{name} in {folder / CONFIG} is {shown(value)}; it must be {allowed}")
    return float(value)


def _activation(folder: Path, value: object) -> str:
    if not isinstance(value, str) or value not in ACT2FN:
        raise TeacherError(
            f"hidden_act in {folder / CONFIG} is {shown(value)}, which transformers does not have; "
            'BERT\'s usual is "gelu"'
        )
    return value


def _label_names(folder: Path, data: dict[str, Any]) -> tuple[str, ...]:
    """The label names in the order of the classifier's rows; LABEL_0 and so on if the config has none."""
    given = data.get("id2label")
    number = 2 if data.get("num_labels") is None else data["num_labels"]
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_SIZE:
        raise TeacherError(
            f"num_labels in {folder / CONFIG} is {shown(number)}; it must be a whole number from 1 to {MAX_SIZE:,}"
        )
    if given is None:
        names = tuple(f"LABEL_{i}" for i in range(number))
    else:
        right = isinstance(given, dict) and set(given) == {str(i) for i in range(len(given))}
        if not right or not all(isinstance(name, str | int) for name in given.values()):
            raise TeacherError(
                f"id2label in {folder / CONFIG} is {shown(given)}; it must name each label by its number, such as "
                '{"0": "negative", "1": "positive"}'
            )
        names = tuple(str(given[str(i)]) for i in range(len(given)))
    if len(names) < 2:
        raise TeacherError(
            f"{folder} has {len(names)} label: it is a regression, "
            "and the lab takes only classifiers of two or more classes"
        )
    return names


def _padding(folder: Path, data: dict[str, Any], vocabulary: int) -> int | None:
    value = data.get("pad_token_id", 0)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < vocabulary:
        raise TeacherError(
            f"pad_token_id in {folder / CONFIG} is {shown(value)}; "
            f"it must be one of the {vocabulary:,} rows of the word table"
        )
    return value
