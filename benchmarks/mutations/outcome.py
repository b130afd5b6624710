"""One mutation, and its outcome in the lab and in transformers."""

from __future__ import annotations

import logging
import random
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging as transformers_logging

from benchmarks.mutations import config_changes, tokenizer_changes, weight_changes
from benchmarks.mutations.folders import config_of, save_tensors, tensors_of, write_json
from labcore.models import encoder
from labcore.teacher.config_file import FIRST_BERT_FIELDS
from labcore.teacher.load import TeacherError, load_teacher, load_teacher_tokenizer
from labcore.teacher.weights_file import WRAPPERS

EXAMPLES = ("a w3 w4 W5", "w1", "w7 ab w9 unknown w11 w2 w40", "")
MOST_DIFFERENCE = 2e-5

Change = Callable[[Path, random.Random], str]  # changes a folder, and returns what it changed

CHANGES: tuple[Change, ...] = (
    config_changes.config_field,
    config_changes.config_field,
    config_changes.config_field,
    config_changes.config_neighbour,
    config_changes.config_without,
    config_changes.config_damaged,
    weight_changes.tensor_dropped,
    weight_changes.tensor_added,
    weight_changes.tensor_renamed,
    weight_changes.tensors_swapped,
    weight_changes.tensor_resized,
    weight_changes.tensor_not_finite,
    weight_changes.tensor_retyped,
    weight_changes.tensors_prefixed,
    weight_changes.old_layer_norms,
    weight_changes.weights_damaged,
    weight_changes.weights_in_shards,
    tokenizer_changes.tokenizer_gone,
    tokenizer_changes.tokenizer_damaged,
    tokenizer_changes.tokenizer_swapped,
    tokenizer_changes.tokenizer_setting,
    tokenizer_changes.tokenizer_part,
)


@dataclass(frozen=True)
class Outcome:
    """What the lab made of a folder: `line` is its refusal, empty if it gave transformers' logits; `wrong` is a
    fault.
    """

    kind: str
    change: str
    line: str = ""
    wrong: str = ""


def outcome_of(good: Path, folder: Path, draw: random.Random) -> Outcome:
    """Copy the good folder to `folder`, which is new, change one thing, and compare the lab with transformers."""
    shutil.copytree(good, folder)
    change = draw.choice(CHANGES)
    said = change(folder, draw)
    kind = change.__name__
    try:
        teacher, tokenizer = load_teacher(str(folder)), load_teacher_tokenizer(str(folder))
    except TeacherError as error:
        line = str(error)
        return Outcome(kind, said, line, "the refusal does not name the folder" if str(folder) not in line else "")
    except Exception as error:
        return Outcome(kind, said, wrong=f"{type(error).__name__}: {error}")
    try:
        expected_ids, expected = _transformers(folder)
    except Exception as error:
        return Outcome(kind, said, wrong=f"accepted, but transformers says {type(error).__name__}: {error}")
    batch = tokenizer(list(EXAMPLES), padding=True, truncation=True, max_length=24, return_tensors="pt")
    if not torch.equal(batch["input_ids"], expected_ids):
        return Outcome(kind, said, wrong="accepted, but read in other tokens than by transformers")
    with torch.no_grad():
        logits = encoder.forward(teacher, batch["input_ids"], batch["attention_mask"].bool()).logits
    apart = float((logits - expected).abs().max())
    return Outcome(kind, said, wrong="" if apart <= MOST_DIFFERENCE else f"accepted, but logits differ by {apart:.2g}")


def _transformers(folder: Path) -> tuple[Tensor, Tensor]:
    """Token ids and logits of transformers on the folder, after the two documented repairs. Random weights are an
    error.
    """
    config = config_of(folder)
    if config.get("model_type") is None and all(name in config for name in FIRST_BERT_FIELDS):
        write_json(folder / "config.json", config | {"model_type": "bert"})
    if (folder / "model.safetensors").is_file():
        tensors = tensors_of(folder)
        plain = {WRAPPERS.sub("", name) if WRAPPERS.match(name) else name: tensor for name, tensor in tensors.items()}
        if plain.keys() != tensors.keys():
            save_tensors(folder, plain)
    model, info = AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, local_files_only=True
    )
    if info["missing_keys"] or info["mismatched_keys"]:
        raise ValueError(f"random weights for {sorted(info['missing_keys'])[:3]}")
    batch = AutoTokenizer.from_pretrained(folder, local_files_only=True)(
        list(EXAMPLES), padding=True, truncation=True, max_length=24, return_tensors="pt"
    )
    with torch.no_grad():
        outputs = model.eval()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], return_dict=True)
    return batch["input_ids"], outputs.logits


def quiet() -> None:
    """Leave transformers' own reports out: a mutated folder makes it report much."""
    transformers_logging.set_verbosity(logging.CRITICAL)
    transformers_logging.disable_progress_bar()
    warnings.simplefilter("ignore")
