"""What each kind of export is, and what one measured, in words."""

from __future__ import annotations

from collections.abc import Mapping

from labcore.export.exported_folder import ExportedFolder, Kind, OnnxKind
from labcore.export.exported_page import ExportedPage, Page
from labcore.views.words import percent

LABELS: Mapping[Kind | Page, str] = {
    "onnx": "ONNX",
    "onnx-int8": "ONNX, 8 bits",
    "onnx-4bit": "ONNX, 4 bits",
    "huggingface": "Hugging Face folder",
    "page": "Web page",
}
SUMMARIES: Mapping[Kind | Page, str] = {
    "onnx": "The student's own logits, in any program that runs ONNX",
    "onnx-int8": "A quarter of the bytes, and the fastest on a processor",
    "onnx-4bit": "The fewest bytes",
    "huggingface": "Opens with transformers; odd students become dense ones",
    "page": "A box to type in, and the student computes in the browser; for any static server",
}
GRID_LABEL = "ONNX, its own grid"  # of a student of low bits, in the place of 8 and of 4 bits
GRID_SUMMARY = "Few bytes, and the student's own logits: nothing is rounded again. It may be slower than 32 bits"
WEIGHTS: Mapping[OnnxKind, str] = {
    "onnx": "32 bits",
    "onnx-int8": "8 bits",
    "onnx-4bit": "4 bits",
}
GRID_WEIGHTS: Mapping[OnnxKind, str] = {
    "onnx-4bit": "Its own grid",
    "onnx": "32 bits, the same values",
}


def words_of_kinds(rounded: bool) -> Mapping[Kind | Page, tuple[str, str]]:
    """The kinds that a student can be exported as, each with its label and summary. rounded: whether it has low bits.

    A rounded student's 8 and 4 bits are both its own grid, so it has one kind less.
    """
    words = {kind: (LABELS[kind], SUMMARIES[kind]) for kind in LABELS}
    if rounded:
        del words["onnx-int8"]
        words["onnx-4bit"] = GRID_LABEL, GRID_SUMMARY
    return words


SERVE = "Unpack it, run `python -m http.server` in its folder, and open `http://localhost:8000`."


def size_in_words(size_bytes: int) -> str:
    """A size such as `4.2 MB`, or `13 kB` below a megabyte."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"


def page_table(page: ExportedPage) -> list[tuple[str, str, str]]:
    """The measured figures of a page: those of its student's file, and what a browser loads."""
    loaded = "The models, their tokenizers, and what runs them: bytes from a server without compression."
    return [*measured_table(page.student), ("A browser loads", size_in_words(page.bytes), loaded)]


def measured_table(exported: ExportedFolder) -> list[tuple[str, str, str]]:
    """The measured figures of an export: label, value, and help."""
    measured = exported.measured
    points = 100 * (measured.accuracy - measured.accuracy_in_torch)
    by = "transformers" if exported.kind == "huggingface" else "onnxruntime"
    return [
        ("Size of the weights", size_in_words(measured.bytes), f"{measured.bytes:,} bytes on disk."),
        (
            "Agreement with the student",
            percent(measured.agreement, 1),
            f"The fraction of {measured.examples:,} test examples with the same predicted class as in PyTorch. "
            f"The largest difference of a logit is {measured.largest_difference:.2g}.",
        ),
        (
            "Accuracy of the file",
            percent(measured.accuracy, 1),
            f"{points:+.1f} points vs. the student in PyTorch, on the same test examples.",
        ),
        (
            "Time of one example",
            f"{measured.ms_batch_1:.1f} ms",
            f"The median by {by} on {measured.host}. A batch of 32 takes {measured.ms_batch_32:.0f} ms.",
        ),
    ]
