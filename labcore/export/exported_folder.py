"""What an exported folder states about itself, in `export.json`: plain data. Standard library only.

An exported folder of an ONNX kind has:

- model.onnx: one file. Inputs `input_ids` and `attention_mask` (int64, batch × length), output `logits` (float32,
  batch × classes). Batch and length are free.
- tokenizer.json, tokenizer_config.json: the tokenizer, with the maximal length of the export.
- export.json: this module's `ExportedFolder`.
- README.md: a card for people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from labcore.config.checks import SpecError, check_choice, check_integer, check_number, check_switch, shown
from labcore.config.json_data import read_json, whole_object

FORMAT = 1
EXPORT, MODEL, TOKENIZER, TOKENIZER_CONFIG = "export.json", "model.onnx", "tokenizer.json", "tokenizer_config.json"
OnnxKind = Literal["onnx", "onnx-int8", "onnx-4bit"]
ONNX_KINDS: tuple[OnnxKind, ...] = get_args(OnnxKind)
Kind = Literal[OnnxKind, "huggingface"]
KINDS: tuple[Kind, ...] = (*ONNX_KINDS, "huggingface")
OWN_GRID = "ONNX, on the student's own grid"  # a kind in words, in the place of 8 or 4 bits
ADVICE = "export it again with `python -m labcore export`"


@dataclass(frozen=True)
class Measured:
    """What an exported file gave on the test split, beside the model in PyTorch that it was made of.

    examples: how many were measured. largest_difference: of any logit. agreement, accuracy, accuracy_in_torch: as
    fractions. bytes: of the file of weights. ms_batch_1, ms_batch_32: median milliseconds of a forward pass, by
    onnxruntime with one thread, or by transformers for its kind. host: the processor, in words.
    """

    examples: int
    largest_difference: float
    agreement: float
    accuracy: float
    accuracy_in_torch: float
    bytes: int
    ms_batch_1: float
    ms_batch_32: float
    host: str


@dataclass(frozen=True)
class TeacherFacts:
    """The teacher of the exported model. accuracy: on the test split, None if unknown. bytes: of its weights."""

    name: str
    accuracy: float | None
    bytes: int


@dataclass(frozen=True)
class ExportedFolder:
    """One exported folder.

    labels: their names, in the order of the logits. max_length: the most tokens of an example, special ones included.
    run: the id of the run that trained it, "" without one. pairs: whether an example is a pair of texts.
    notes: sentences on what differs from the lab's own student. sha256: of each other file by name, but the card.
    """

    kind: Kind
    labels: tuple[str, ...]
    max_length: int
    task: str
    title: str
    pad_token_id: int
    run: str
    teacher: TeacherFacts
    measured: Measured
    pairs: bool = False
    notes: tuple[str, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_grid(self) -> bool:
        """Whether the weights are on the grid of a student of low bits: of an ONNX kind, only such a file has notes."""
        return self.kind in ONNX_KINDS and bool(self.notes)

    def to_json(self) -> dict[str, Any]:
        """All fields, and the format's number."""
        return {"format": FORMAT} | asdict(self)

    def write(self, folder: Path) -> None:
        """Write `export.json` into the folder. Raises OSError."""
        content = json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n"
        (folder / EXPORT).write_text(content, encoding="utf-8")


def read_exported(folder: Path, kinds: tuple[str, ...] = ONNX_KINDS) -> ExportedFolder:
    """What the folder states about itself. Its other files are not read: see `check_files`.

    Raises SpecError if it is no exported folder of one of these kinds, or its `export.json` is damaged.
    """
    path = folder / EXPORT
    if not path.exists():
        raise SpecError(f"{folder} is not an exported folder: it has no {EXPORT}; {ADVICE}")
    data = read_json(path, ADVICE)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        given = data.get("format") if isinstance(data, dict) else data
        raise SpecError(f"{path} has format {shown(given)}; this lab reads {FORMAT}: {ADVICE}")
    try:
        exported = _exported(str(path), data)
    except TypeError as error:
        raise SpecError(f"{path} is damaged ({error}); {ADVICE}") from None
    if exported.kind not in kinds:
        raise SpecError(f"{folder} is of kind '{exported.kind}'; give one of kind {', '.join(kinds)}")
    return exported


def check_files(folder: Path, exported: ExportedFolder) -> None:
    """Raises SpecError if a file of the folder is missing, or differs from the one that was measured."""
    for name, expected in exported.sha256.items():
        try:
            actual = digest(folder / Path(name).name)
        except OSError as error:
            raise SpecError(f"{folder} is incomplete: {name} can't be read ({error.strerror}); copy it again") from None
        if actual != expected:
            raise SpecError(
                f"{folder / name} is not the file that was measured: it was changed or cut short; copy it again"
            )


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _exported(where: str, data: dict[str, Any]) -> ExportedFolder:
    """The data as an `ExportedFolder`. Raises SpecError for what is missing or of another type."""
    names = ("format", *ExportedFolder.__dataclass_fields__)
    fields = whole_object(where, {"pairs": False, "notes": [], "sha256": {}} | data, names)
    del fields["format"]
    check_choice(f"{where}: kind", fields["kind"], KINDS)
    for name in ("labels", "notes"):
        fields[name] = _words(f"{where}: {name}", fields[name])
    for name in ("task", "title", "run"):
        if not isinstance(fields[name], str):
            raise SpecError(f"{where}: {name} is {shown(fields[name])}; give text")
    if len(fields["labels"]) < 2:
        raise SpecError(f"{where}: labels has {len(fields['labels'])} names; give two or more")
    check_switch(f"{where}: pairs", fields["pairs"])
    check_integer(f"{where}: max_length", fields["max_length"], 1)
    check_integer(f"{where}: pad_token_id", fields["pad_token_id"], 0, 2**31)
    facts = whole_object(f"{where}: teacher", fields["teacher"], tuple(TeacherFacts.__dataclass_fields__))
    fields["teacher"] = TeacherFacts(**facts)
    measured = whole_object(f"{where}: measured", fields["measured"], tuple(Measured.__dataclass_fields__))
    for name, value in measured.items():
        if name != "host":
            check_number(f"{where}: measured: {name}", value, 0.0)
    fields["measured"] = Measured(**measured)
    if not isinstance(fields["sha256"], dict):
        raise SpecError(f"{where}: sha256 is {shown(fields['sha256'])}; give a JSON object")
    return ExportedFolder(**fields)


def _words(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SpecError(f"{where} is {shown(value)}; give a list of text")
    return tuple(value)
