"""A student as a folder, which gives the same student back, bit for bit.

- structure.json: the shapes, zeros, vocabulary and configuration, and the other files' SHA-256.
- spec.json: the run that made it.
- model.safetensors: the weights of a plain member of its family, with its config.json. transformers loads it.
- student.safetensors: the weights of any other student, packed if they are rounded (labcore.compress.packed_codes). The
  name differs on purpose. Under the usual name, transformers would load it and report no error, but fill parameters of
  other names with random weights.
- tokenizer.json and others: the tokenizer, with the student's vocabulary.
- README.md: a card for people.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors.torch import load as load_tensors
from safetensors.torch import save_file
from transformers import PreTrainedTokenizerBase

from labcore.compress.grid import Grid
from labcore.compress.nonstandard import mark_if_nonstandard
from labcore.compress.packed_codes import METADATA, packed, unpacked
from labcore.compress.rounding import Rounded
from labcore.compress.student import Student
from labcore.compress.student_card import card
from labcore.config.json_data import read_json
from labcore.config.spec import Spec, SpecError
from labcore.data.tokenizers import trimmed
from labcore.models import classifier
from labcore.models.architecture import Architecture, LayerShape, Structure
from labcore.models.structure import build, structure_of
from labcore.results.counts import Comparison
from labcore.results.findings import Finding
from labcore.system.files import place_folder
from labcore.teacher.location import STRUCTURE
from labcore.teacher.location import WEIGHTS as PLAIN_WEIGHTS

FORMATS = 1, 2  # the second has grids
SPEC, CARD = "spec.json", "README.md"
OWN_WEIGHTS = "student.safetensors"


def save(
    student: Student,
    folder: Path,
    spec: Spec,
    tokenizer: PreTrainedTokenizerBase,
    counts: Comparison,
    figures: Mapping[str, float] | None = None,
    findings: Sequence[Finding] = (),
    max_tokens: int | None = None,
    machine: str = "",
) -> None:
    """Write the student to a new folder, completely or not at all.

    figures: for its card, by name, as fractions of 1. findings: warnings above them.
    max_tokens: the most tokens of an example that it was trained on, [CLS] and [SEP] included. The saved tokenizer has
    it as `model_max_length`. None keeps the tokenizer's own. machine: that trained it, for its card.
    Raises SpecError if the folder is not empty.
    """
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        structure = structure_of(student.model)
        plain = structure.plain and not student.rounded
        save_file(packed(student), beside / (PLAIN_WEIGHTS if plain else OWN_WEIGHTS), metadata=METADATA)
        config = student.model.config
        config.architectures = [classifier.class_for(config).__name__]
        if plain:
            config.save_pretrained(beside)
        (beside / SPEC).write_text(spec.to_json(indent=2) + "\n", encoding="utf-8")
        _limited(trimmed(tokenizer, student.vocabulary), max_tokens).save_pretrained(beside)
        (beside / CARD).write_text(card(spec, counts, structure, figures or {}, findings, machine), encoding="utf-8")
        contents = {
            "format": 2 if student.rounded else 1,
            "structure": asdict(structure),
            "zeros": student.zeros,
            **(
                {"grids": {name: asdict(each.grid) for name, each in student.rounded.items()}}
                if student.rounded
                else {}
            ),
            "energy": student.energy,
            "vocabulary": student.vocabulary,
            "config": config.to_dict(),
            "sha256": {file.name: _digest(file) for file in sorted(beside.iterdir()) if file.name != CARD},
        }
        (beside / STRUCTURE).write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")
        beside.chmod(0o755)  # mkdtemp makes it private
        place_folder(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _limited(tokenizer: PreTrainedTokenizerBase, max_tokens: int | None) -> PreTrainedTokenizerBase:
    """A copy of the tokenizer with this limit of tokens, without the truncation and padding of its last call."""
    copied = copy.deepcopy(tokenizer)
    copied.backend_tokenizer.no_truncation()
    copied.backend_tokenizer.no_padding()
    if max_tokens is not None:
        copied.model_max_length = max_tokens
    return copied


def check_free(folder: Path) -> None:
    """Raises SpecError if the folder exists and is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SpecError(f"{folder} is there already; give a new or an empty folder")


def load_student(folder: Path | str) -> Student:
    """The student saved in a folder, its model in evaluation mode, with its steps and the masks that hold its zeros.

    Raises SpecError for an incomplete or damaged folder.
    """
    folder = Path(folder)
    contents = _contents(folder)
    try:
        if contents["format"] not in FORMATS:
            raise SpecError(
                f"{folder} has format {contents['format']!r}; this lab reads {' and '.join(map(str, FORMATS))}: take "
                "the lab that wrote it"
            )
        for name, expected in contents["sha256"].items():
            if _digest(folder / Path(name).name) != expected:
                raise SpecError(
                    f"{folder / name} is not the file that was saved: it was changed or cut short; copy it again"
                )
        structure = _structure(contents["structure"])
        config = classifier.config_from(contents["config"])
        spec = Spec.from_json((folder / SPEC).read_text(encoding="utf-8"))
        grids = {name: Grid(**grid) for name, grid in contents.get("grids", {}).items()}
        content = (folder / (PLAIN_WEIGHTS if structure.plain and not grids else OWN_WEIGHTS)).read_bytes()
        model = build(structure, config)
        shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
        tensors, scales, masks = unpacked(load_tensors(content), grids, shapes)
        if {name: tensor.shape for name, tensor in tensors.items()} != shapes:
            raise SpecError(f"the weights in {folder} do not have the shapes in its {STRUCTURE}; copy the folder again")
        classifier.initialise_randomly(model).load_state_dict(tensors)
        mark_if_nonstandard(model)
        vocabulary = contents["vocabulary"]
        student = Student(
            model.eval(),
            steps=spec.steps,
            seed=spec.distil.seed,
            zeros=dict(contents["zeros"]),
            rounded={name: Rounded(grid, scales[name]) for name, grid in grids.items()},
            energy=dict(contents["energy"]),
            vocabulary=None if vocabulary is None else tuple(vocabulary),
        )
        student.masks = {
            name: masks[name] if name in masks else model.get_parameter(name) != 0 for name in student.zeros
        }
    except OSError as error:
        raise SpecError(
            f"{folder} is incomplete: {error.filename or error} can't be read; copy the folder again"
        ) from None
    except SpecError:
        raise
    except Exception as error:  # whatever a changed file leads to: libraries raise types of their own
        raise SpecError(f"{folder} is damaged ({type(error).__name__}: {error}); copy the folder again") from None
    return student


def structure_in(folder: Path) -> Structure:
    """The shapes of the student saved in a folder, without its weights. Raises SpecError for one that can't be read."""
    try:
        return _structure(_contents(folder)["structure"])
    except (KeyError, TypeError, AttributeError) as error:
        raise SpecError(
            f"{folder / STRUCTURE} is damaged ({type(error).__name__}: {error}); copy the folder again"
        ) from None


def _contents(folder: Path) -> dict[str, Any]:
    path = folder / STRUCTURE
    if not os.path.lexists(path):
        raise SpecError(
            f"{folder} is not a student's folder: it has no {STRUCTURE}; give one that `python -m labcore derive` wrote"
        )
    contents = read_json(path, "copy the folder again")
    if not isinstance(contents, dict) or "format" not in contents:
        raise SpecError(f"{path} is not a student's; give a folder that `python -m labcore derive` wrote")
    return contents


def _structure(data: dict[str, Any]) -> Structure:
    layers = tuple(
        LayerShape(
            heads=layer["heads"],
            intermediate=layer["intermediate"],
            ranks=tuple((role, rank) for role, rank in layer["ranks"]),
            extra_norm=layer.get("extra_norm", False),
        )
        for layer in data["layers"]
    )
    return Structure(Architecture(**data["architecture"]), layers, data["embedding_rank"])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
