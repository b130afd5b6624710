"""The card that goes with a saved student: what it is, what it costs, how to load it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labcore.config.spec import Spec
from labcore.models.architecture import Structure
from labcore.results.counts import Comparison
from labcore.results.findings import Finding, never_improved, no_better_than_untrained

_PLAIN = """It is a plain BERT:

```python
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model = AutoModelForSequenceClassification.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")
```
"""
_OWN = """Its matrices are not those of a plain BERT, so transformers alone can't build it; the lab can:

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
    judged: Mapping[str, float],
    findings: Sequence[Finding] = (),
) -> str:
    """Markdown. `judged` has figures by name, as shares; `findings` stand before them."""
    teacher, student = counts.teacher, counts.student
    rows = [
        ("parameters", f"{teacher.total:,}", f"{student.total:,}"),
        ("not zero", f"{teacher.nonzero:,}", f"{student.nonzero:,}"),
    ]
    if teacher.cost and student.cost:
        rows.append(
            (f"multiply-accumulates, {student.cost.tokens} pieces", f"{teacher.cost.macs:,}", f"{student.cost.macs:,}")
        )
        rows += [
            (f"bytes, {name}", f"{teacher.cost.bytes[name]:,}", f"{size:,}")
            for name, size in student.cost.bytes.items()
        ]
    table = "\n".join(f"| {what} | {theirs} | {ours} |" for what, theirs, ours in rows)
    trained = "; not trained further.\n"
    if never_improved(findings):
        trained = ". It is untrained: it was trained as `spec.json` says, and that never improved it.\n"
    elif no_better_than_untrained(findings):
        trained = ". It was trained as `spec.json` says, and that did not improve it.\n"
    elif judged:
        trained = " and distilled as it says.\n"
    warnings = "".join(f"> **Note.** {finding.words}\n\n" for finding in findings)
    figures = "".join(f"- {name}: {100 * share:.2f} %\n" for name, share in judged.items())
    return (
        f"# A student of `{spec.teacher}`\n\n"
        f"A BERT classifier of {student.total:,} parameters, {100 * counts.ratio:.1f} % of its teacher's, derived by the "
        f"steps in `spec.json`"
        + f"{trained}\n{warnings}"
        + (f"{figures}\n" if figures else "")
        + f"| | teacher | student |\n|---|---:|---:|\n{table}\n\n"
        "Zeros and unused numbers are in the file as they are: the sparse size is what a format that skips zeros would take.\n\n"
        f"## Loading\n\n{_PLAIN if structure.plain else _OWN}"
    )
