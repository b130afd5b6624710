"""What a page states about its models before anything is loaded: sizes, what was measured, licence. Plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from labcore.export.exported_folder import OWN_GRID, ExportedFolder

KIND_WORDS = {"onnx": "ONNX, 32-bit floats", "onnx-int8": "ONNX, 8-bit integers", "onnx-4bit": "ONNX, 4-bit weights"}
MOST_LABELS = 12  # of more labels, the page lists the first
CARD = "README.md"


@dataclass(frozen=True)
class SizeBar:
    """A bar of the picture of sizes. percent: of the larger model's bytes."""

    role: str
    name: str
    words: str
    percent: float


def lead(exported: ExportedFolder, noun: str, pairs: bool) -> str:
    """The page's first sentences."""
    given = f"a pair of {noun}s" if pairs else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    size = megabytes(exported.measured.bytes)
    return (
        f"A student of {size} that classifies {given} as {labels_in_words(exported.labels)}. "
        f"Its teacher, {exported.teacher.name}, has {megabytes(exported.teacher.bytes)}. "
        "It runs in this page: what you type stays here, and the page can reach no other host."
    )


def labels_in_words(labels: tuple[str, ...]) -> str:
    """The labels as a list in a sentence, the first few of many."""
    if len(labels) > MOST_LABELS:
        return f"one of {len(labels)} labels"
    return f"{', '.join(labels[:-1])} or {labels[-1]}"


def megabytes(size: int) -> str:
    """A number of bytes in megabytes of 10^6 bytes, to a decimal; small ones in kilobytes."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"


def sizes(student: ExportedFolder, teacher: ExportedFolder | None) -> tuple[SizeBar, SizeBar]:
    """The teacher's and the student's bytes. teacher: its exported folder, if the page has it."""
    of_teacher = teacher.measured.bytes if teacher else student.teacher.bytes
    of_student = student.measured.bytes
    most = max(of_teacher, of_student, 1)
    return (
        SizeBar("teacher", "teacher", megabytes(of_teacher), round(100 * of_teacher / most, 2)),
        SizeBar("student", "student", megabytes(of_student), round(100 * of_student / most, 2)),
    )


def sizes_in_words(student: ExportedFolder, teacher: ExportedFolder | None, loaded: int, of_models: int) -> str:
    """How the sizes compare, and what a browser loads. loaded: bytes in all. of_models: those of the models in it."""
    of_teacher = teacher.measured.bytes if teacher else student.teacher.bytes
    compared = ""
    if of_teacher and student.measured.bytes:
        compared = f"The student has {100 * student.measured.bytes / of_teacher:.1f} % of the teacher's bytes. "
    return (
        f"{compared}A browser loads {megabytes(loaded)}: {megabytes(of_models)} for the models, "
        f"and {megabytes(loaded - of_models)} for what runs them."
    )


def rows(exported: ExportedFolder, folder: Path, role: str) -> list[tuple[str, str]]:
    """The card of a model: names and values. folder: its exported folder, whose card names the licence."""
    measured, on = exported.measured, f"{exported.measured.examples:,} test examples"
    lines = [
        ("Task", exported.task),
        ("Labels", ", ".join(exported.labels[:MOST_LABELS]) + (" …" if len(exported.labels) > MOST_LABELS else "")),
        ("File", f"{OWN_GRID if exported.own_grid else KIND_WORDS[exported.kind]}, {megabytes(measured.bytes)}"),
        ("Longest text", f"{exported.max_length} tokens"),
        ("Accuracy", f"{_percent(measured.accuracy)} of {on}"),
    ]
    if role == "student" and exported.teacher.accuracy is not None:
        lines.append(("Teacher's accuracy", _percent(exported.teacher.accuracy)))
    lines += [
        ("In PyTorch", f"accuracy {_percent(measured.accuracy_in_torch)}; same label as this file for "
         f"{_percent(measured.agreement)} of the examples; logits differ by {measured.largest_difference:.2g} at most"),
        ("Time", f"{measured.ms_batch_1:.1f} ms an example by onnxruntime, on {measured.host}"),
        ("Licence and limits", limits(folder / CARD) or "Its licence is that of the teacher."),
    ]  # fmt: skip
    if exported.run:
        lines.insert(1, ("Run", exported.run))
    return lines


def limits(card: Path) -> str:
    """What a card states under `## Limits`, its licence among it, as plain text; "" if it states nothing."""
    try:
        text = card.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    _, _, after = text.partition("\n## Limits\n")
    section = " ".join(after.split("\n## ")[0].split())
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", section).replace("`", "")


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
