"""Your teacher's config.json, read as data: known fields of known types, and nothing that the lab would ignore.

A config may name code to run, or a field that changes the forward pass in a way that the lab does not follow. Both are
errors that name the field: a model that runs otherwise than it was trained would give wrong figures in silence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import CONFIG_MAPPING, PretrainedConfig

from labcore.config.checks import MAX_LAYERS, MAX_SIZE, shown
from labcore.config.json_data import read_json
from labcore.models.classifier import class_for
from labcore.models.family import BERT, FAMILIES, REFUSED, Family, family_labels, family_of
from labcore.teacher.config_values import activation_in, choice_in, number_in, size_in, switch_in
from labcore.teacher.location import CONFIG, TeacherError, inside
from labcore.teacher.rotary_fields import rotary_fields

MAX_BYTES = 1_000_000
MAX_VOCABULARY = 2_000_000

LIMITS = {"vocabulary": MAX_VOCABULARY, "layers": MAX_LAYERS}  # of the other sizes: MAX_SIZE
# What identifies a BERT's config of the first releases, which lacks model_type.
FIRST_BERT_FIELDS = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "type_vocab_size")
# Fields with the values for which the lab's forward pass is the model's, and the meaning of another value.
FORWARD: tuple[tuple[str, tuple[object, ...], str], ...] = (
    ("is_decoder", (False, None), "it attends to earlier tokens only"),
    ("add_cross_attention", (False, None), "it reads a second model's states"),
    ("is_encoder_decoder", (False, None), "it has a decoder"),
    ("position_embedding_type", ("absolute", None), "its positions are relative"),
    (
        "problem_type",
        ("single_label_classification", None),
        "the lab trains and evaluates one label an example, by softmax and cross-entropy",
    ),
    ("pruned_heads", ({}, [], None), "its heads were removed the old way, which transformers 5 no longer reads"),
    ("chunk_size_feed_forward", (0,), "it reads texts in chunks"),
    ("embedding_size", (None,), "its word table has another width than its layers"),
    ("quantization_config", (None,), "its weights are quantised"),
    ("auto_map", (None,), "it would run code of its own"),
)


def read_config(folder: Path) -> PretrainedConfig:
    """The configuration of a classifier in a folder. Raises TeacherError, which names the field at fault."""
    data = _object(folder)
    family = _family(folder, data)
    for name, allowed, meaning in (*FORWARD, *family.fields.fixed):
        if name in data and name not in family.sizes.values() and data[name] not in allowed:
            raise TeacherError(
                f"{name} in {folder / CONFIG} is {shown(data[name])}: {meaning}, and the lab's forward pass does not; "
                f"give a plain {family.label} classifier"
            )
    names = _label_names(folder, data)
    known = _known_fields(folder, family, data, names)
    _check_by_transformers(folder, family.model_type, data)
    config = CONFIG_MAPPING[family.model_type](**known)
    config.pad_token_id = _padding(folder, data, config)
    sizes = family.architecture_in(config)
    if sizes.hidden % sizes.heads:
        raise TeacherError(
            f"{folder / CONFIG} has {family.sizes['hidden']} {sizes.hidden}, which its {family.sizes['heads']} "
            f"{sizes.heads} can't share evenly; restore the file that the model was saved with"
        )
    if reason := family.impossible(sizes):
        raise TeacherError(
            f"{folder / CONFIG} has {family.sizes['hidden']} {sizes.hidden} for {family.sizes['heads']} {sizes.heads}: "
            f"{reason}; restore the file that the model was saved with"
        )
    if sizes.positions < 1:
        raise TeacherError(
            f"{folder / CONFIG} has {family.sizes['positions']} {getattr(config, family.sizes['positions'])}, and a "
            f"{family.label} counts positions from {family.first_position(config)}: it could read no token; restore "
            "the file that the model was saved with"
        )
    config.architectures = [class_for(config).__name__]
    return config


def _family(folder: Path, data: dict[str, Any]) -> Family:
    """The family that the config names. Raises TeacherError, with the reason if the lab does not take it."""
    kind = data.get("model_type")
    if kind is None and all(name in data for name in FIRST_BERT_FIELDS):
        kind = BERT.model_type
    if kind is None:
        raise TeacherError(f'{folder / CONFIG} names no model type; if it is a BERT, add the line "model_type": "bert"')
    if not isinstance(kind, str) or kind not in FAMILIES:
        reason = f", which the lab does not take: {REFUSED[kind]}" if isinstance(kind, str) and kind in REFUSED else ""
        raise TeacherError(f"{folder} is a {shown(kind)} model{reason}; give a {family_labels()} classifier")
    return FAMILIES[kind]


def _known_fields(folder: Path, family: Family, data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that decide what a classifier of this family computes, each checked, and the names of its labels."""
    limits = {name: LIMITS.get(size, MAX_SIZE) for size, name in family.sizes.items()}
    limits |= dict.fromkeys(family.fields.sizes, MAX_SIZE)
    known: dict[str, Any] = {name: size_in(folder, data, name, most) for name, most in limits.items() if name in data}
    for name in family.fields.fractions:
        if data.get(name) is not None:
            known[name] = number_in(folder, data, name, lambda value: 0 <= value <= 1, "a number from 0 to 1")
    for name in filter(None, (family.fields.epsilon, "initializer_range", *family.fields.numbers)):
        if name in data:
            known[name] = number_in(folder, data, name, lambda value: value > 0, "a number above 0")
    for name in family.fields.switches:
        if name in data:
            known[name] = switch_in(folder, data, name)
    if (name := family.fields.activation) in data:
        known[name] = activation_in(folder, data, name)
    for name, allowed in family.fields.choices:
        if name in data:
            known[name] = choice_in(folder, data, name, allowed)
    known |= _special_tokens(data, family, known.get(family.sizes["vocabulary"], MAX_VOCABULARY))
    known |= rotary_fields(folder, family, data)
    return known | {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def _special_tokens(data: dict[str, Any], family: Family, rows: int) -> dict[str, int | None]:
    """Their ids, where the family's usual ones may have no row; None for one without a row of the word table.

    No classifier reads one of them but the padding token's, which is checked by itself.
    """
    if not family.fields.tokens:
        return {}
    ids = {name: data.get(name) for name in ("pad_token_id", *family.fields.tokens)}
    known = {name: i if type(i) is int and 0 <= i < rows else None for name, i in ids.items()}
    return known if known["pad_token_id"] is not None else {name: known[name] for name in family.fields.tokens}


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


def _padding(folder: Path, data: dict[str, Any], config: Any) -> int | None:
    """The padding token. Raises TeacherError if it has no row, or if positions are counted from it and it is none."""
    value, family = data.get("pad_token_id", config.pad_token_id), family_of(config)
    if value is None and family.first_row is not None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < config.vocab_size:
        raise TeacherError(
            f"pad_token_id in {folder / CONFIG} is {shown(value)}; "
            f"it must be one of the {config.vocab_size:,} rows of the word table"
        )
    return value
