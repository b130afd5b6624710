"""Who may import whom: the data flows one way, and each heavy or delicate thing has one home."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared.import_graph import circles, graph, imports_at_import
from tests.shared.source_files import FILES, ROOT, imports_of, module_of

EDGES = graph({module_of(file): file.read_text(encoding="utf-8") for file in FILES})

# config → results, labcore.guide, labcore.database → models, data, teacher → compress → count → evaluate → distil
# → finetune, runs → cluster → search, export → exercise → views → ui → pages
STAGES: list[set[str]] = [
    {"labcore.config", "labcore.system", "labcore.models.architecture"},
    {
        "labcore.results",
        "labcore.guide",
        "labcore.owners",
        "labcore.database",
        "labcore.models.family",
        "labcore.models.family_data",
        "labcore.models.family_parts",
        "labcore.models.modernbert",
        "labcore.data.examples",
        "labcore.data.own",
        "labcore.data.spurious_cue",
        "labcore.data.tasks",
        "labcore.finetune.recipe",
        "labcore.runs.home_database",
        "labcore.runs.old_entries",
        "labcore.runs.old_run_folders",
        "labcore.runs.run_rows",
        "labcore.runs.spec_key",
        "labcore.teacher.built_in",
    },
    {"labcore.models", "labcore.data", "labcore.data.own.token_report", "labcore.teacher"},
    {"labcore.compress"},
    {"labcore.count"},
    {"labcore.evaluate"},
    {"labcore.distil"},
    {"labcore.finetune", "labcore.runs"},
    {"labcore.cluster"},
    {"labcore.search", "labcore.export"},
    {"labcore.exercise"},
    {"labcore.views"},
    {"ui"},
    {"pages"},
    {"app", "labcore.commands", "labcore.__main__"},
]


def stage_of(module: str) -> int | None:
    """The place of the longest name that the module is, or is in."""
    known = {name: place for place, names in enumerate(STAGES) for name in names}
    fitting = [name for name in known if module == name or module.startswith(f"{name}.")]
    return known[max(fitting, key=len)] if fitting else None


def to_the_right(module: str, imported: str) -> bool:
    """Whether an import goes against the flow."""
    own, other = stage_of(module), stage_of(imported)
    return own is not None and other is not None and other > own


def top(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_imports_point_to_the_left(file: Path) -> None:
    own = stage_of(module_of(file))
    if own is None:
        assert file.name == "__init__.py", f"{file} has no place in the flow"
        assert imports_of(file) <= {"os"}, f"importing {file}'s package must cost nothing"
        return
    assert [imported for imported in sorted(imports_of(file)) if to_the_right(module_of(file), imported)] == []


def users_of(package: str) -> set[str]:
    return {module_of(file) for file in FILES if package in top(imports_of(file))}


def test_streamlit_is_only_on_the_screen() -> None:
    assert {user.split(".")[0] for user in users_of("streamlit")} <= {"app", "pages", "ui"}


def test_threads_and_locks_are_only_in_the_queue_for_unsaved_students_and_for_turns() -> None:
    assert users_of("threading") | users_of("concurrent") | users_of("multiprocessing") | users_of("asyncio") == {
        "labcore.runs.jobs",
        "labcore.runs.unsaved_students",
        "ui.shell.turns",
    }


def test_no_module_imports_itself_through_others() -> None:
    assert circles(EDGES) == []


def test_a_planted_circle_is_seen() -> None:
    planted = {
        "labcore.a": "from labcore import b",
        "labcore.b": "import labcore.c",
        "labcore.c": "from labcore.a import x",
        "labcore.d": "def late():\n    from labcore.e import y",
        "labcore.e": "from labcore.d import late",
    }
    assert circles(graph(planted)) == [
        ["labcore.a", "labcore.b", "labcore.c", "labcore.a"],
        ["labcore.b", "labcore.c", "labcore.a", "labcore.b"],
        ["labcore.c", "labcore.a", "labcore.b", "labcore.c"],
    ]


@pytest.mark.parametrize(
    ("module", "imported", "right"),
    [
        ("labcore.distil.train", "labcore.runs.store", True),
        ("labcore.views.words", "ui.shell.state", True),
        ("labcore.teacher.built_in", "labcore.teacher.load", True),
        ("labcore.runs.store", "labcore.distil.train", False),
        ("labcore.config.spec", "labcore.config.steps", False),
        ("labcore.config.spec", "json", False),
    ],
)
def test_an_import_to_the_right_is_seen(module: str, imported: str, right: bool) -> None:
    assert to_the_right(module, imported) is right


# -- heavy or delicate things ------------------------------------------------------------------------


def test_plotly_figures_are_made_in_views_and_drawn_by_the_shell() -> None:
    users = {user for user in users_of("plotly") if not user.startswith("labcore.views.")}
    assert users == {"ui.shell.chart"}


STATISTICS = ("scipy", "statistics", "numpy")
COMPUTED = re.compile(r"(math\.)?sqrt|.*\.(std|var|sem|quantile|corr|cov)|NormalDist|binomtest")


def statistics_in(source: str) -> list[str]:
    """What a source text imports to compute statistics, and its calls that compute one, with their lines."""
    tree = ast.parse(source)
    imported = sorted(imports_at_import(source) & {*STATISTICS} | top(imports_at_import(source)) & {*STATISTICS})
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return imported + [f"{c.lineno}: {ast.unparse(c.func)}" for c in calls if COMPUTED.fullmatch(ast.unparse(c.func))]


@pytest.mark.parametrize("file", [f for f in FILES if f.is_relative_to(ROOT / "labcore" / "views")], ids=module_of)
def test_views_compute_no_statistics(file: Path) -> None:
    assert statistics_in(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "computed"),
    [
        ("from scipy.stats import binomtest", ["scipy"]),
        ("import numpy as np", ["numpy"]),
        ("from statistics import mean", ["statistics"]),
        ("import math\nerror = math.sqrt(p * (1 - p) / n)", ["2: math.sqrt"]),
        ("spread = frame['accuracy'].std(ddof=1)", ["1: frame['accuracy'].std"]),
        ("smooth = losses.ewm(alpha=0.1).mean()", []),
    ],
)
def test_planted_statistics_are_seen(source: str, computed: list[str]) -> None:
    assert statistics_in(source) == computed


# -- pages and functions -----------------------------------------------------------------------------


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

    functions = [pair for file in FILES for pair in public(ast.parse(file.read_text()).body, module_of(file))]
    silent = [name for name, node in functions if ast.get_docstring(node) is None and not name.endswith(".forward")]
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

    unguarded = [
        f"{module_of(file)}:{node.lineno}"
        for file in FILES
        if file.is_relative_to(ROOT / "labcore")
        for node in open_matches(ast.parse(file.read_text(encoding="utf-8")).body)
    ]
    assert unguarded == []
