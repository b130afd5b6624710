"""A page opens without torch: nothing on the screen imports it, neither directly nor through others."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.shared.import_graph import HEAVY, graph, imports_at_import, path_to, with_packages
from tests.shared.source_files import FILES, ROOT, module_of

SCREEN = ("app", "pages.", "ui.", "labcore.views.")  # and whatever they import
PLAIN = ("labcore.config.", "labcore.results.", "labcore.guide.", "labcore.system.", "labcore.data.tasks.")
ALSO_PLAIN = (
    "labcore.data.examples",
    "labcore.data.own.data_store",
    "labcore.data.spurious_cue",
    "labcore.data.tasks",
    "labcore.models.architecture",
    "labcore.models.family",
    "labcore.models.family_data",
    "labcore.teacher.base_model",
    "labcore.teacher.built_in",
    "labcore.teacher.identity",
)
SOURCES = {module_of(file): file.read_text(encoding="utf-8") for file in FILES}
EDGES = with_packages(graph(SOURCES))


@pytest.mark.parametrize("module", [module for module in SOURCES if f"{module}.".startswith(SCREEN)])
def test_nothing_on_the_screen_imports_torch(module: str) -> None:
    assert " → ".join(path_to(EDGES, module, HEAVY)) == ""


@pytest.mark.parametrize("module", [*(module for module in SOURCES if module.startswith(PLAIN)), *ALSO_PLAIN])
def test_plain_modules_need_the_standard_library_only(module: str) -> None:
    packages = {name for edges in EDGES.values() for name in edges} - SOURCES.keys() - sys.stdlib_module_names
    assert " → ".join(path_to(EDGES, module, frozenset(packages))) == ""


IMPORT_EACH = """
import importlib, json, sys
pages, heavy = json.loads(sys.argv[1]), set(json.loads(sys.argv[2]))
loaded = {}
for page, names in pages.items():
    before = set(sys.modules)
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:  # otherwise `name` is a function, of `from module import function`
                raise
    loaded[page] = sorted(heavy & (sys.modules.keys() - before))
print(json.dumps(loaded))
"""


def test_importing_what_the_pages_import_leaves_torch_out() -> None:
    pages = {module: sorted(imports_at_import(SOURCES[module])) for module in SOURCES if module.startswith("pages.")}
    assert len(pages) > 7
    # one process, because importing streamlit takes long: the first page that loads torch is the one at fault
    command = [sys.executable, "-c", IMPORT_EACH, json.dumps(pages), json.dumps(sorted(HEAVY))]
    out = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert out.returncode == 0, out.stderr
    assert json.loads(out.stdout.splitlines()[-1]) == {page: [] for page in pages}


# -- planted breaches --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "chain"),
    [
        ("import torch.nn", ["ui.form", "torch"]),
        ("from labcore.deep import thing", ["ui.form", "labcore.deep", "peft"]),
        ("from labcore import middle", ["ui.form", "labcore.middle", "labcore.deep", "peft"]),
        ("if st.button('x'):\n    from labcore.deep import thing", ["ui.form", "labcore.deep", "peft"]),
        ("with page('x'):\n    import labcore.deep", ["ui.form", "labcore.deep", "peft"]),
        ("class A:\n    import labcore.deep", ["ui.form", "labcore.deep", "peft"]),
        ("import labcore.heavy.light", ["ui.form", "labcore.heavy", "safetensors"]),
        ("def draw():\n    from labcore.deep import thing", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch", []),
        ("from labcore.light import torch_free", []),
    ],
)
def test_a_planted_import_is_seen(source: str, chain: list[str]) -> None:
    planted = {
        "ui.form": source,
        "labcore": "",
        "labcore.middle": "from labcore.deep import thing",
        "labcore.deep": "from peft import PeftModel",
        "labcore.heavy": "import safetensors",
        "labcore.heavy.light": "",
        "labcore.light": "import json",
    }
    assert path_to(with_packages(graph(planted)), "ui.form", HEAVY) == chain
