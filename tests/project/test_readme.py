"""The README and docs are true: the teachers' figures, reference results, code and spec.

What is generated lies between comments, and `python -m tests.project.test_readme` writes it again.
"""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import yaml

from benchmarks.files import roles
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KINDS, Factorise, KeepLayers
from labcore.evaluate.reference import read
from labcore.evaluate.seed_groups import with_seed
from labcore.teacher.built_in import TEACHERS
from tests.shared.source_files import FILES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "benchmarks/results.md", *(ROOT / "docs").glob("*.md"))
WEIGHTS = ROOT / "labcore/teacher/weights"


def between(name: str, text: str) -> str:
    block = re.search(rf"<!-- {name}[^>]*-->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert block, name
    return block[1].strip()


def teacher_table() -> str:
    """The figures on each teacher's card, as a table."""
    lines = ["| teacher | split | accuracy | standard error | examples |", "|---|---|---|---|---|"]
    for name in TEACHERS:
        card = (WEIGHTS / name / "README.md").read_text(encoding="utf-8")
        rows = re.findall(
            r"^\| (validation|test|clean|agrees|contradicts) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|", card, re.MULTILINE
        )
        front: dict[str, Any] = yaml.safe_load(card.split("---")[1])
        exact = {r["dataset"]["split"]: r["metrics"][0]["value"] for r in front["model-index"][0]["results"]}
        for split, examples, accuracy, error in rows:
            assert float(accuracy) == round(exact[split], 4)
            lines.append(f"| `{name}` | {split} | {exact[split]:.3f} | {float(error):.3f} | {examples} |")
    return "\n".join(lines)


def reference_tables(name: str) -> str:
    """What the command prints of the reference results that ship."""
    command = [sys.executable, "-m", "labcore", "sweep", name, "--recorded"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


GENERATED: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/teachers.md", "teacher"): teacher_table,
    ("benchmarks/results.md", "frontier"): partial(reference_tables, "frontier"),
    ("docs/evaluation.md", "capacity"): partial(reference_tables, "capacity"),
    ("docs/evaluation.md", "assistant"): partial(reference_tables, "assistant"),
    ("docs/evaluation.md", "mimicry"): partial(reference_tables, "mimicry"),
    ("docs/evaluation.md", "monitor"): partial(reference_tables, "monitor"),
}


@pytest.mark.parametrize(("file", "name"), GENERATED)
def test_what_is_generated_is_what_it_would_be_now(file: str, name: str) -> None:
    assert between(name, (ROOT / file).read_text(encoding="utf-8")) == GENERATED[file, name]()


def test_the_figures_in_docs_are_those_that_the_benchmarks_printed() -> None:
    results = (ROOT / "benchmarks/results.md").read_text(encoding="utf-8")
    compression = (ROOT / "docs/compression.md").read_text(encoding="utf-8")
    assert between("starts", compression) in results


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 200


LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)")


def anchors(document: Path) -> set[str]:
    """The addresses of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_leads_to_a_file_and_its_heading(document: Path) -> None:
    for file, heading in LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / file if file else document
        assert target.exists(), f"{document.name} links to {file}, which is not there"
        assert not heading or heading in anchors(target), f"{document.name} links to {file}#{heading}"


def test_the_readme_leads_to_every_document() -> None:
    linked = {(ROOT / file).resolve() for file, _ in LINK.findall(README)}
    assert {document for document in DOCUMENTS if document.name != "README.md"} <= linked


def test_the_readme_names_every_step_and_every_field_of_a_spec() -> None:
    named = set(re.findall(r"`([^`\n]+)`", README))
    of_steps = {field.name for cls in KINDS for field in fields(cls)}
    assert {cls.kind for cls in KINDS} | of_steps <= named
    assert {field.name for field in fields(DistilConfig)} - {"batch_size", "learning_rate", "seed"} <= named


def test_every_new_import_in_the_changelog_works() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    renamed = re.findall(r"^labcore\.\S.*→  (labcore\.\S+)$", changelog, re.MULTILINE)
    assert len(renamed) == changelog.count("→  labcore")
    for name in renamed:
        resolve_name(name)  # raises if there is no such module, or nothing of this name in it


def test_every_source_file_has_a_role() -> None:
    """What `python -m benchmarks.files` prints."""
    listed = roles()
    assert {module.relative_to(ROOT).as_posix() for module in FILES if module.name != "__init__.py"} <= listed.keys()
    assert list(roles([ROOT / "labcore" / "distil" / "train.py"])) == ["labcore/distil/train.py"]


@pytest.mark.parametrize(("at_most", "retention"), [(0.5, 0.99), (0.25, 0.97), (0.1, 0.95)])
def test_students_of_each_size_keep_what_is_promised(at_most: float, retention: float) -> None:
    """Of three seeds each, in five minutes a run: the mean accuracy on test over the teacher's."""
    shipped = read(ROOT / "labcore/evaluate/reference_results/frontier.json").runs
    kept: dict[Spec, list[float]] = defaultdict(list)
    for run in shipped:
        assert run.result.seconds <= 300
        if run.counts is not None and run.counts.ratio <= at_most:
            kept[with_seed(run.spec, 0)].append(run.result.retention)
    assert all(len(retentions) >= 3 for retentions in kept.values())
    assert max(statistics.mean(retentions) for retentions in kept.values()) >= retention


def test_the_notebook_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """And its counts are those of the student that it makes, by hand."""
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    model = names["student"].model
    assert model.config.num_hidden_layers == 2 + 1
    counts = ast.literal_eval(capsys.readouterr().out)["student"]
    assert counts["total"] == sum(p.numel() for p in model.parameters())
    assert counts["nonzero"] == sum(int((p != 0).sum()) for p in model.parameters())


def test_the_spec_in_the_readme_is_the_default_but_for_its_steps() -> None:
    [text] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert Spec.from_json(text) == Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)))
    assert json.loads(text).keys() == Spec().to_dict().keys()


def write_again() -> None:
    """Put into each file what is generated."""
    for (file, name), made in GENERATED.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        head, tail = re.split(rf"(?<=-->\n){re.escape(between(name, text))}(?=\n<!-- /{name} -->)", text, maxsplit=1)
        (ROOT / file).write_text(head + made() + tail, encoding="utf-8")


if __name__ == "__main__":
    write_again()
