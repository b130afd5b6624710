"""The README says what is true: its file list, its teacher's figures, its code and its spec."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import yaml

from labcore.spec import Factorise, KeepLayers, Spec
from labcore.teacher.architecture import TEACHERS

ROOT = Path(__file__).resolve().parents[1]
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
        [ROOT / "app.py", *(f for d in ("labcore", "ui", "pages", "benchmarks") for f in (ROOT / d).rglob("*.py"))]
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
        rows = re.findall(r"^\| (validation|test) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|", card, re.MULTILINE)
        front: dict[str, Any] = yaml.safe_load(card.split("---")[1])
        exact = {r["dataset"]["split"]: r["metrics"][0]["value"] for r in front["model-index"][0]["results"]}
        for split, texts, accuracy, error in rows:
            assert float(accuracy) == round(exact[split], 4)
            lines.append(f"| `{name}` | {split} | {exact[split]:.3f} | {float(error):.3f} | {texts} |")
    return "\n".join(lines)


def test_the_file_list_is_that_of_the_docstrings() -> None:
    assert between("files") == file_list()


def test_the_teachers_figures_are_those_of_their_cards() -> None:
    assert between("teacher") == teacher_table()


def test_the_figures_are_those_that_the_benchmarks_printed() -> None:
    results = (ROOT / "benchmarks/results.md").read_text(encoding="utf-8")
    assert between("figures") in results
    methods = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
    assert between("starts", methods) in results


def test_the_notebook_example_runs() -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["student"].model.config.num_hidden_layers == 2 + 1


def test_the_spec_in_the_readme_is_the_default_but_for_its_steps() -> None:
    [text] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert Spec.from_json(text) == Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)))
    assert json.loads(text).keys() == Spec().to_dict().keys()
