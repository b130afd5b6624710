"""The card of a saved student: what it is, what it costs, how to load it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huggingface_hub import ModelCard, ModelCardData

from labcore.config.spec import Spec
from labcore.models.architecture import Structure
from labcore.models.family import FAMILIES
from labcore.results.counts import Comparison
from labcore.results.findings import Finding, never_improved, no_better_than_untrained
from labcore.teacher.own_teachers import is_own, titles

_PLAIN = """It is a plain FAMILY:

```python
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model = AutoModelForSequenceClassification.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")
```
"""
_OWN = """Its parts are not those of a plain FAMILY, so transformers alone can't build it; the lab can:

```python
import labcore.compress
from transformers import AutoTokenizer

model = labcore.compress.load("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")
```
"""


def card(
    spec: Spec,
    counts: Comparison,
    structure: Structure,
    figures: Mapping[str, float],
    findings: Sequence[Finding] = (),
    machine: str = "",
) -> str:
    """Markdown. figures: by name, as fractions of 1. findings: warnings above the figures. machine: that trained it."""
    teacher, student = counts.teacher, counts.student
    rows = [
        ("parameters", f"{teacher.total:,}", f"{student.total:,}"),
        ("not zero", f"{teacher.nonzero:,}", f"{student.nonzero:,}"),
    ]
    if teacher.cost and student.cost:
        rows.append(
            (f"multiply-accumulates, {student.cost.tokens} tokens", f"{teacher.cost.macs:,}", f"{student.cost.macs:,}")
        )
        rows += [
            (f"bytes, {name}", f"{teacher.cost.bytes[name]:,}", f"{size:,}")
            for name, size in student.cost.bytes.items()
        ]
    table = "\n".join(f"| {what} | {of_teacher} | {of_student} |" for what, of_teacher, of_student in rows)
    trained = "; not trained further.\n"
    if never_improved(findings):
        trained = ". It is untrained: training by `spec.json` never improved it.\n"
    elif no_better_than_untrained(findings):
        trained = ". It was trained by `spec.json`, and that did not improve it.\n"
    elif figures:
        trained = " and distilled by it.\n"
    warnings = "".join(f"> **Note.** {finding.words}\n\n" for finding in findings)
    percentages = "".join(f"- {name}: {100 * fraction:.2f} %\n" for name, fraction in figures.items())
    rounded = any(step.rounds for step in spec.steps)
    label = FAMILIES[structure.architecture.family].label
    body = (
        f"# A student of {_named(spec.teacher)}\n\n"
        f"A {label} classifier of {student.total:,} parameters, {100 * counts.ratio:.1f} % of its teacher's, "
        f"derived by the steps in `spec.json`"
        + f"{trained}\n{warnings}"
        + (f"{percentages}\n" if percentages else "")
        + (f"Computed on {machine}.\n\n" if machine else "")
        + f"| | teacher | student |\n|---|---:|---:|\n{table}\n\n"
        "The file stores zeros like any number: the sparse size is that of a format that skips zeros.\n\n"
        f"## Loading\n\n{(_PLAIN if structure.plain and not rounded else _OWN).replace('FAMILY', label)}"
    )
    return str(ModelCard(f"---\n{_head(structure).to_yaml()}\n---\n\n{body}"))


def _named(teacher: str) -> str:
    """A teacher's name; of your own also its title, as code, so that nothing in it is read as markup."""
    title = titles().get(teacher) if is_own(teacher) else None
    return f"`{teacher}`" if title is None else f"`{title.replace('`', ' ')}` (`{teacher}`)"


def _head(structure: Structure) -> ModelCardData:
    """The metadata that the Hugging Face hub reads."""
    return ModelCardData(
        library_name="transformers" if structure.plain else None,
        pipeline_tag="text-classification",
        tags=["knowledge-distillation"],
    )
