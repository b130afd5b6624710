"""A model as an exported folder, measured before it is handed over. The folder appears complete or not at all."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase
from transformers.utils import logging

from labcore.compress.student_folder import check_free
from labcore.config.checks import check_choice
from labcore.export import extra
from labcore.export.dense_model import dense
from labcore.export.export_bounds import check_bounds
from labcore.export.export_card import export_card
from labcore.export.export_measured import Model, measured, of_file, of_transformers
from labcore.export.export_source import ExportSource
from labcore.export.exported_folder import KINDS, MODEL, ExportedFolder, Kind, digest
from labcore.export.onnx_graph import write_onnx
from labcore.export.onnx_grid import write_grid
from labcore.export.rounded_weights import write_4bit, write_int8
from labcore.models import classifier
from labcore.system.files import folder_beside, place_folder
from labcore.teacher.built_in import TEACHERS
from labcore.teacher.location import WEIGHTS

CARD = "README.md"
FP32_MODEL = "fp32.onnx"  # of which a smaller file is made


def export(source: ExportSource, kind: Kind, out: Path) -> ExportedFolder:
    """Write the model to a new or empty folder as this kind, and return what the folder states about itself.

    Raises SpecError if the folder is not empty, if a package is missing, or if the model has no such form. It raises
    it, too, if the file differs too much from the model (see `export_bounds`). Raises OSError. Nothing is left then.
    """
    check_choice("the kind of export", kind, KINDS)
    check_free(out)
    if kind != "huggingface":
        extra.check_packages(extra.TO_EXPORT)
    out.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(out, f".{out.name}.") as beside:
        _limited(source.tokenizer, source.max_tokens).save_pretrained(beside)
        write = _write_transformers if kind == "huggingface" else _write_onnx
        made, weights, notes = write(source, kind, beside)
        figures = measured(made, source.model, source.test_examples(), (beside / weights).stat().st_size)
        check_bounds(kind, figures, exact=bool(source.student.rounded))
        teacher = replace(source.teacher, accuracy=figures.accuracy_in_torch) if source.is_teacher else source.teacher
        exported = ExportedFolder(
            kind=kind,
            labels=source.labels,
            max_length=source.max_tokens,
            task=source.task.name,
            title=source.title,
            pad_token_id=int(source.tokenizer.pad_token_id),
            run=source.run,
            teacher=teacher,
            measured=figures,
            pairs=source.task.pairs,
            notes=notes,
            sha256={file.name: digest(file) for file in sorted(beside.iterdir())},
        )
        exported.write(beside)
        (beside / CARD).write_text(export_card(exported, source.task, source.teacher.name in TEACHERS), "utf-8")
        for path in (beside, *beside.iterdir()):  # mkdtemp makes its folder private, and safetensors its files
            path.chmod(0o755 if path.is_dir() else 0o644)
        place_folder(beside, out)
    return exported


def _write_onnx(source: ExportSource, kind: Kind, folder: Path) -> tuple[Model, str, tuple[str, ...]]:
    """Write the ONNX file; returns the model in it, its name, and notes."""
    path, fp32 = folder / MODEL, folder / FP32_MODEL
    write_onnx(source.model, fp32, source.reads_types)
    notes: tuple[str, ...] = ()
    match kind:
        case "onnx-int8" | "onnx-4bit" if source.student.rounded:
            notes = write_grid(fp32, path, source.student)
        case "onnx-int8":
            write_int8(fp32, path)
        case "onnx-4bit":
            write_4bit(fp32, path)
        case _:
            shutil.copyfile(fp32, path)
    fp32.unlink()
    return of_file(path), MODEL, notes


def _write_transformers(source: ExportSource, kind: Kind, folder: Path) -> tuple[Model, str, tuple[str, ...]]:
    """Write a plain member of the family; returns it as transformers loads it, its name, and notes."""
    made, notes = dense(source.model)
    config = copy.deepcopy(made.config)
    config.id2label = dict(enumerate(source.labels))
    config.label2id = {name: i for i, name in enumerate(source.labels)}
    config.architectures = [classifier.class_for(config).__name__]
    config.save_pretrained(folder)
    tensors = {name: tensor.detach().contiguous() for name, tensor in made.state_dict().items()}
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    with _without_progress_bar():
        loaded = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    if source.student.rounded:
        notes = (*notes, "Its rounded weights stand in fp32, with the same values.")
    return of_transformers(loaded), WEIGHTS, notes


def _limited(tokenizer: PreTrainedTokenizerBase, max_tokens: int) -> PreTrainedTokenizerBase:
    """A copy of the tokenizer with this limit of tokens, without the truncation and padding of its last call."""
    copied = copy.deepcopy(tokenizer)
    copied.backend_tokenizer.no_truncation()
    copied.backend_tokenizer.no_padding()
    copied.model_max_length = max_tokens
    return copied


@contextmanager
def _without_progress_bar() -> Iterator[None]:
    """Without the bar that transformers prints while it loads weights."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
