"""The costs of students beside their teacher's, and what the steps do not save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from labcore.config import steps as kinds
from labcore.config.steps import Prune, Step
from labcore.results.counts import Comparison, Counts
from labcore.results.measurements import Latency
from labcore.views.design.towers import VISIBLE
from labcore.views.words import millions, percent

FORMATS = {
    "fp32": "stored, fp32",
    "fp16": "stored, fp16",
    "int8": "stored, int8",
    "sparse": "stored, without zeros",
    "stored": "the file, as it is saved",
}


def cost_table(
    teacher: Counts, students: Mapping[str, Counts], latencies: Mapping[str, Sequence[Latency]]
) -> pd.DataFrame:
    """A row for each measure: the teacher's and each student's figure, and the percentage of the teacher's.

    latencies: by "Teacher" or a student's name, those that were measured.
    """
    columns = {"Teacher": _figures(teacher, latencies.get("Teacher", ()))}
    for name, counts in students.items():
        columns[name] = _figures(counts, latencies.get(name, ()))
    table: dict[str, list[str]] = {"": list(columns["Teacher"])}
    for name, figures in columns.items():
        cells = []
        for measure, (number, words) in columns["Teacher"].items():
            if measure not in figures:
                cells.append("")
                continue
            value, shown = figures[measure]
            if measure.startswith("examples a second"):
                cells.append(shown if name == "Teacher" else f"{shown} · {value / number:.2f} ×")
            else:
                cells.append(words if name == "Teacher" else f"{shown} · {percent(value / number, 1)}")
        table[name] = cells
    return pd.DataFrame(table)


def _figures(counts: Counts, latencies: Sequence[Latency]) -> dict[str, tuple[float, str]]:
    """Each measure as a number and in words."""
    figures: dict[str, tuple[float, str]] = {
        "parameters": (counts.total, millions(counts.total)),
        "not zero": (counts.nonzero, millions(counts.nonzero)),
    }
    if counts.cost is not None:
        figures["multiply-accumulates"] = (counts.cost.macs, f"{counts.cost.macs / 1e6:,.0f} M")
        for name, size in counts.cost.bytes.items():
            figures[FORMATS[name]] = (size, f"{size / 1e6:,.1f} MB")
    for latency in latencies:
        figures[f"time, batch {latency.batch}"] = (latency.median_ms, f"{latency.median_ms:,.1f} ms")
        figures[f"… 95th percentile, batch {latency.batch}"] = (latency.p95_ms, f"{latency.p95_ms:,.1f} ms")
        speed = latency.examples_per_second
        figures[f"examples a second, batch {latency.batch}"] = (speed, f"{speed:,.0f}")
    return figures


def not_reduced(comparison: Comparison, steps: Sequence[Step]) -> list[str]:
    """What these steps do not save, or save less of than it seems: each a sentence or two of Markdown."""
    teacher, student = comparison.teacher, comparison.student
    notes = []
    if student.nonzero < VISIBLE * student.total:
        notes.append(
            "**Zeros save no time here, and no dense bytes.** The processor multiplies a zero like any number, and a "
            "dense file stores it like any number. Only the non-zero count and the file without zeros get smaller."
        )
    pruning = [step for step in steps if isinstance(step, Prune)]
    came = teacher.nonzero < VISIBLE * teacher.total
    if came:
        notes.append(
            f"**The teacher came with zeros**: {percent(1 - teacher.nonzero / teacher.total)} of its parameters are 0. "
            "So not all of the student's zeros come from its steps, and training may move those that no pruning holds."
        )
    if pruning and not came:
        zeros, embeddings = student.total - student.nonzero, any(step.embeddings for step in pruning)
        base = "the encoder's matrices" + (" and the word embeddings" if embeddings else "")
        notes.append(
            f"**Sparsity has a base.** {percent(max(step.sparsity for step in pruning))} of {base} is "
            f"{percent(zeros / student.total)} of the student: LayerNorm, biases, positions and the classifier"
            + (" keep all their weights." if embeddings else ", and the embeddings, keep all their weights.")
        )
    fraction = student.parts["embeddings"] / student.total
    if fraction > 0.5 and student.total < teacher.total:
        tried = {step.kind for step in steps}
        untried = [f"*{cls.label}*" for cls in kinds.KINDS if cls.shrinks_embeddings and cls.kind not in tried]
        notes.append(
            f"**Embeddings dominate small models.** They are {percent(fraction)} of this student, and a look-up costs "
            "no arithmetic. Making the encoder smaller can save little more"
            + (f"; try {' or '.join(untried)}." if untried else ".")
        )
    first = {step.kind: step for step in reversed(steps)}  # one note for each kind
    notes += [first[cls.kind].cost_note(steps) for cls in kinds.KINDS if cls.kind in first]
    return [note for note in notes if note]
