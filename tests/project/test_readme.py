"""The README and docs say what is true: the file list, the teachers' figures, recorded tables, code and spec.

What is generated lies between comments, and `python -m tests.project.test_readme` writes it anew.
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
from functools import partial
from typing import Any

import pytest
import yaml

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate.reference import read
from labcore.evaluate.seed_groups import with_seed
from labcore.teacher.built_in import TEACHERS
from tests.shared.source_files import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
WEIGHTS = ROOT / "labcore/teacher/weights"


def between(name: str, text: str = README) -> str:
    found = re.search(rf"<!-- {name}[^>]*-->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert found, name
    return found[1].strip()


def file_list() -> str:
    """Every file of code with the first sentence of its docstring."""
    lines = []
    for file in sorted(
        [
            ROOT / "app.py",
            *(f for d in ("labcore", "ui", "pages", "benchmarks", "docs") for f in (ROOT / d).rglob("*.py")),
        ]
    ):
        says = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        if says:
            lines.append(f"| `{file.relative_to(ROOT)}` | {' '.join(says.split(chr(10) * 2)[0].split())} |")
    return "\n".join(["| file | role |", "|---|---|", *lines])


def teacher_table() -> str:
    """The figures on each teacher's card, as a table."""
    lines = ["| teacher | split | accuracy | standard error | texts |", "|---|---|---|---|---|"]
    for name in TEACHERS:
        card = (WEIGHTS / name / "README.md").read_text(encoding="utf-8")
        rows = re.findall(
            r"^\| (validation|test|clean|agrees|contradicts) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|", card, re.MULTILINE
        )
        front: dict[str, Any] = yaml.safe_load(card.split("---")[1])
        exact = {r["dataset"]["split"]: r["metrics"][0]["value"] for r in front["model-index"][0]["results"]}
        for split, texts, accuracy, error in rows:
            assert float(accuracy) == round(exact[split], 4)
            lines.append(f"| `{name}` | {split} | {exact[split]:.3f} | {float(error):.3f} | {texts} |")
    return "\n".join(lines)


def recorded_tables(name: str) -> str:
    """What the command prints of a recording that ships."""
    command = [sys.executable, "-m", "labcore", "sweep", name, "--recorded"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


GENERATED: dict[tuple[str, str], Callable[[], str]] = {
    ("README.md", "files"): file_list,
    ("README.md", "teacher"): teacher_table,
    ("README.md", "frontier"): partial(recorded_tables, "frontier"),
    ("docs/lessons.md", "capacity"): partial(recorded_tables, "capacity"),
    ("docs/lessons.md", "assistant"): partial(recorded_tables, "assistant"),
    ("docs/lessons.md", "mimicry"): partial(recorded_tables, "mimicry"),
    ("docs/lessons.md", "monitor"): partial(recorded_tables, "monitor"),
}


@pytest.mark.parametrize(("file", "name"), GENERATED)
def test_what_is_generated_is_what_it_would_be_now(file: str, name: str) -> None:
    assert between(name, (ROOT / file).read_text(encoding="utf-8")) == GENERATED[file, name]()


def test_the_figures_are_those_that_the_benchmarks_printed() -> None:
    results = (ROOT / "benchmarks/results.md").read_text(encoding="utf-8")
    assert between("figures") in results
    methods = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
    assert between("starts", methods) in results


@pytest.mark.parametrize(("at_most", "retention"), [(0.5, 0.99), (0.25, 0.97), (0.1, 0.95)])
def test_students_of_each_size_keep_what_is_promised(at_most: float, retention: float) -> None:
    """Of three seeds each, in five minutes a run: the mean accuracy on test over the teacher's."""
    shipped = read(ROOT / "labcore/evaluate/reference_results/frontier.json").runs
    kept: dict[Spec, list[float]] = defaultdict(list)
    for run in shipped:
        assert run.result.seconds <= 300
        if run.counts is not None and run.counts.ratio <= at_most:
            kept[with_seed(run.spec, 0)].append(run.result.retention)
    assert all(len(found) >= 3 for found in kept.values())
    assert max(statistics.mean(found) for found in kept.values()) >= retention


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


def write_anew() -> None:
    """Put into each file what is generated."""
    for (file, name), made in GENERATED.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        head, tail = re.split(rf"(?<=-->\n){re.escape(between(name, text))}(?=\n<!-- /{name} -->)", text, maxsplit=1)
        (ROOT / file).write_text(head + made() + tail, encoding="utf-8")


if __name__ == "__main__":
    write_anew()
