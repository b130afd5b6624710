"""Changes of a teacher folder's config. Each returns what it changed."""

from __future__ import annotations

import math
import random
from pathlib import Path

from benchmarks.mutations.folders import config_of, write_json

ODD_VALUES = (
    None, True, False, 0, -1, 1, 2, 3, 7, 16, 24, 60, 61, 10**9, 0.5, 1e-12, 1e300, math.nan, "", "gelu", "relu",
    "gelu_new", "tanh", "absolute", "relative_key", [], [1], {}, {"0": [1]}, {"0": "x", "1": "y"},
    {"0": "x"}, {"1": "x", "2": "y"}, "single_label_classification", "multi_label_classification",
    "regression", "bert", "roberta", "float16",
)  # fmt: skip
OTHER_FIELDS = (
    "is_decoder", "add_cross_attention", "position_embedding_type", "problem_type", "pruned_heads", "num_labels",
    "auto_map", "embedding_size", "quantization_config", "is_encoder_decoder", "chunk_size_feed_forward",
    "output_attentions", "torch_dtype", "return_dict", "finetuning_task", "my_own_field", "classifier_dropout",
    "tie_word_embeddings", "layer_norm_eps", "hidden_act",
)  # fmt: skip


def config_field(folder: Path, draw: random.Random) -> str:
    config = config_of(folder)
    field, value = draw.choice(sorted({*config, *OTHER_FIELDS})), draw.choice(ODD_VALUES)
    write_json(folder / "config.json", config | {field: value})
    return f"{field} = {value!r}"


def config_neighbour(folder: Path, draw: random.Random) -> str:
    config = config_of(folder)
    field = draw.choice(
        [name for name, value in config.items() if isinstance(value, int) and not isinstance(value, bool)]
    )
    config[field] += draw.choice((-2, -1, 1, 2))
    write_json(folder / "config.json", config)
    return f"{field} = {config[field]}"


def config_without(folder: Path, draw: random.Random) -> str:
    config = config_of(folder)
    field = draw.choice(sorted(config))
    del config[field]
    write_json(folder / "config.json", config)
    return f"without {field}"


def config_damaged(folder: Path, draw: random.Random) -> str:
    path = folder / "config.json"
    text = path.read_bytes()
    damaged = draw.choice([text[: draw.randrange(len(text))], b"", b"\xff\xfe" + text, b"[]", b"null", b'"bert"', None])
    if damaged is None:
        path.unlink()
        return "config.json gone"
    path.write_bytes(damaged)
    return f"config.json of {len(damaged)} bytes"
