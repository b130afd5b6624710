"""A model as a page in one call: it is exported, measured, and put into the page's folder."""

from __future__ import annotations

from pathlib import Path

from labcore.compress.student_folder import check_free
from labcore.config.checks import SpecError, check_choice
from labcore.export.export_source import ExportSource
from labcore.export.exported_folder import ONNX_KINDS, OnnxKind
from labcore.export.exported_page import STUDENT, TEACHER, ExportedPage, read_page
from labcore.export.make_export import export
from labcore.export.page_folder import write_page
from labcore.system.files import folder_beside

INT8 = 8  # bits


def export_page(
    source: ExportSource, out: Path, weights: OnnxKind | None = None, teacher: ExportSource | None = None
) -> ExportedPage:
    """Write the page of a model to a new or empty folder, and return what it states about itself.

    weights: the kind of the student's file, None for `default_weights`. teacher: to compute beside it, in fp32.
    Raises SpecError as `export` and `write_page` do, and OSError. Nothing is left then.
    """
    check_free(out)
    kind = default_weights(source) if weights is None else weights
    check_choice("the weights of a page", kind, ONNX_KINDS)
    out.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(out, f".{out.name}.") as beside:
        export(source, kind, beside / STUDENT)
        if teacher is not None:
            _export_teacher(teacher, beside / TEACHER)
        write_page(beside / STUDENT, out, None if teacher is None else beside / TEACHER)
    return read_page(out)


def default_weights(source: ExportSource) -> OnnxKind:
    """The kind of file with the model's own logits: fp32, or its own grid if the lab rounded it to low bits."""
    bits = [each.grid.bits for each in source.student.rounded.values()]
    if not bits:
        return "onnx"
    return "onnx-int8" if max(bits) == INT8 else "onnx-4bit"


def _export_teacher(teacher: ExportSource, folder: Path) -> None:
    try:
        export(teacher, "onnx", folder)
    except SpecError as error:
        raise SpecError(f"the teacher can't stand beside its student: {error}") from None
