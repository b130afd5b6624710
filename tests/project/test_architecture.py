"""Who may import whom: the data flows one way, and each heavy or delicate thing has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared.source_files import FILES, ROOT, imports_of, module_of

# config, results → models, data, teacher → compress → count → evaluate → distil → finetune, runs → exercise → views → ui → pages
STAGES: list[set[str]] = [
    {"labcore.config", "labcore.system", "labcore.models.architecture"},
    {"labcore.results", "labcore.guide"},
    {"labcore.models", "labcore.data", "labcore.teacher", "labcore.finetune.recipe"},
    {"labcore.compress"},
    {"labcore.count"},
    {"labcore.evaluate"},
    {"labcore.distil"},
    {"labcore.finetune", "labcore.runs"},
    {"labcore.exercise"},
    {"labcore.views"},
    {"ui"},
    {"pages"},
    {"app", "labcore.__main__"},
]


def stage_of(module: str) -> int | None:
    """The place of the longest name that the module is, or is in."""
    known = {name: place for place, names in enumerate(STAGES) for name in names}
    fitting = [name for name in known if module == name or module.startswith(f"{name}.")]
    return known[max(fitting, key=len)] if fitting else None


def top(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_imports_point_to_the_left(file: Path) -> None:
    own = stage_of(module_of(file))
    if own is None:
        assert file.name == "__init__.py", f"{file} has no place in the flow"
        assert imports_of(file) <= {"os"}, f"importing {file}'s package must cost nothing"
        return
    for imported in imports_of(file):
        theirs = stage_of(imported)
        assert theirs is None or theirs <= own, f"{module_of(file)} imports {imported}, to its right"


def users_of(package: str) -> set[str]:
    return {module_of(file) for file in FILES if package in top(imports_of(file))}


def test_streamlit_is_only_on_the_screen() -> None:
    assert {user.split(".")[0] for user in users_of("streamlit")} <= {"app", "pages", "ui"}


def test_threads_are_only_in_the_job() -> None:
    assert users_of("threading") | users_of("concurrent") | users_of("multiprocessing") | users_of("asyncio") == {
        "labcore.runs.jobs"
    }


@pytest.mark.parametrize("package", ["torch", "transformers", "safetensors", "peft"])
def test_views_specs_and_records_know_no_tensors(package: str) -> None:
    plain = (
        "labcore.config.checks",
        "labcore.config.ineffective",
        "labcore.system.faults",
        "labcore.results.findings",
        "labcore.config.spec",
        "labcore.config.training",
        "labcore.config.assignment",
        "labcore.config.steps",
        "labcore.config.validation_schedule",
        "labcore.results.record",
        "labcore.results.evaluation",
        "labcore.config.presets",
        "labcore.guide.tour",
        "labcore.guide.glossary",
        "labcore.views",
        "labcore.models.architecture",
        "ui",
        "pages",
        "app",
    )
    assert not [user for user in users_of(package) if user.startswith(plain)]


def test_plotly_figures_are_made_in_views() -> None:
    assert {user.rsplit(".", 1)[0] if user != "ui.shell.chart" else user for user in users_of("plotly")} == {
        "labcore.views",
        "ui.shell.chart",
    }


@pytest.mark.parametrize(
    "module",
    [
        "labcore.results.measurements",
        "labcore.config.checks",
        "labcore.config.ineffective",
        "labcore.system.faults",
        "labcore.results.findings",
        "labcore.config.spec",
        "labcore.config.training",
        "labcore.config.assignment",
        "labcore.config.steps",
        "labcore.config.validation_schedule",
        "labcore.results.record",
        "labcore.results.evaluation",
        "labcore.config.presets",
        "labcore.guide.tour",
        "labcore.guide.glossary",
        "labcore.models.architecture",
    ],
)
def test_plain_modules_need_the_standard_library_only(module: str) -> None:
    code = (
        f"import sys; import {module}; print({{m.split('.')[0] for m in sys.modules}} - set(sys.stdlib_module_names))"
    )
    out = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name for name in ast.literal_eval(out.stdout) if not name.startswith("_")} == {"labcore"}


def test_only_one_file_knows_berts_module_names() -> None:
    # finetune names the modules that its adapter trains, as PEFT asks for them
    names = ("attention.self", "word_embeddings", "intermediate.dense", ".bert.")
    users = {module_of(f) for f in FILES if any(name in f.read_text() for name in names)}
    assert users == {"labcore.models.encoder"}


@pytest.mark.parametrize("file", [f for f in FILES if f.parent.name == "pages"], ids=module_of)
def test_a_page_is_thin(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 120
    tree = ast.parse(file.read_text())
    assert not [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)], (
        "logic belongs in ui or labcore"
    )


def test_every_public_function_says_what_it_does() -> None:
    def public(body: list[ast.stmt], within: str) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield f"{within}.{node.name}", node
                if isinstance(node, ast.ClassDef):
                    yield from public(node.body, f"{within}.{node.name}")

    found = [pair for file in FILES for pair in public(ast.parse(file.read_text()).body, module_of(file))]
    silent = [name for name, node in found if ast.get_docstring(node) is None and not name.endswith(".forward")]
    assert silent == []


def test_every_match_has_a_default_or_is_followed_by_what_refuses() -> None:
    def open_matches(body: list[ast.stmt]) -> Iterator[ast.Match]:
        for place, node in enumerate(body):
            for inner in ("body", "orelse", "finalbody"):
                yield from open_matches(getattr(node, inner, []))
            for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
                yield from open_matches(part.body)
            if isinstance(node, ast.Match):
                last = node.cases[-1]
                default = last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
                after = body[place + 1] if place + 1 < len(body) else None
                if not default and not isinstance(after, ast.Raise | ast.Return):
                    yield node

    found = [
        f"{module_of(file)}:{node.lineno}"
        for file in FILES
        if file.is_relative_to(ROOT / "labcore")
        for node in open_matches(ast.parse(file.read_text(encoding="utf-8")).body)
    ]
    assert found == []
