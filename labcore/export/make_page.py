"""A model as a page in one call: it is exported, measured, and put into the page's folder."""

from __future__ import annotations

from pathlib import Path

from labcore.compress.student_folder import check_free
from labcore.export.export_source import ExportSource
from labcore.export.exported_folder import ExportedFolder, OnnxKind
from labcore.export.make_export import export
from labcore.export.page_folder import write_page
from labcore.system.files import folder_beside


def export_page(
    source: ExportSource, out: Path, kind: OnnxKind = "onnx", teacher: ExportSource | None = None
) -> ExportedFolder:
    """Write the page of a model to a new or empty folder, and return what its exported folder states about itself.

    kind: of the student's file; the teacher's is in fp32. teacher: to compute beside the student.
    Raises SpecError as `export` and `write_page` do, and OSError. Nothing is left then.
    """
    check_free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(out, f".{out.name}.") as beside:
        exported = export(source, kind, beside / "student")
        if teacher is not None:
            export(teacher, "onnx", beside / "teacher")
        write_page(beside / "student", out, None if teacher is None else beside / "teacher")
    return exported
