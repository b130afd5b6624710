"""Pages change nothing past the check of whose it is: every verb of the stores is known, and none is called from ui.

Pages act by `labcore.runs.person_acts`, or hand the person to the function that checks.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

import pytest

from tests.shared.source_files import FILES, ROOT, module_of
from tests.shared.writing_verbs import FUNCTIONS, READS, WRITES

# A page's profile is its own owner's, whatever it is called with. Nobody needs leave to wait for a run no longer.
ALLOWED = {
    ("ui.shell.you", "server.store().owners.set(owner(), told)"),
    ("ui.shell.queue_notes", "server.jobs().leave(job_id, owner())"),
}
STORE = re.compile(r"(^|[.])_?(store|jobs|teachers|owners|attempts|journals|files)(\(\))?$")
SCREEN = [file for file in FILES if file.relative_to(ROOT).parts[0] in ("ui", "pages", "app.py")]


def public(owner: type) -> set[str]:
    return {name for base in owner.__mro__[:-1] for name in vars(base) if not name.startswith("_")}


@pytest.mark.parametrize("store", WRITES, ids=lambda store: store.__name__)
def test_every_verb_of_a_store_is_known(store: type) -> None:
    writes, reads = set(WRITES[store].split()), set(READS[store].split())
    assert not writes & reads
    assert public(store) <= writes | reads
    assert writes <= public(store)


def faults_in(module: str, source: str) -> Iterator[str]:
    """The places in a page's source that change a store past the check."""
    tree = ast.parse(source)
    aliases = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target, value in _pairs(node)
        if isinstance(target, ast.Name) and STORE.search(ast.unparse(value))
    }
    verbs = {verb for names in WRITES.values() for verb in names.split()}
    calls = {id(node.func): ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in verbs:
            of = ast.unparse(node.value)
            if (of in aliases or STORE.search(of)) and (module, calls.get(id(node), "")) not in ALLOWED:
                yield f"{module}:{node.lineno}: {of}.{node.attr}"
        if isinstance(node, ast.ImportFrom):
            for owner, functions in FUNCTIONS.items():
                if node.module == owner.__name__:
                    yield from (
                        f"{module}: imports {each.name}" for each in node.names if functions.get(each.name, "") is None
                    )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for functions in FUNCTIONS.values():
                if (needs := functions.get(node.func.id)) and needs not in ast.unparse(node).partition("(")[2]:
                    yield f"{module}:{node.lineno}: {node.func.id} without {needs}"


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    [target] = node.targets[:1]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        yield from zip(target.elts, node.value.elts, strict=True)
    else:
        yield target, node.value


def test_no_page_writes_past_the_check() -> None:
    faults = [fault for file in SCREEN for fault in faults_in(module_of(file), file.read_text(encoding="utf-8"))]
    assert faults == []


@pytest.mark.parametrize(
    ("source", "faulty"),
    [
        ("server.store().rename(run, name)", True),
        ("jobs = server.jobs()\nst.button('x', on_click=callback(jobs.stop))", True),
        ("store, jobs = server.store(), server.jobs()\njobs.stop(run)", True),
        ("server.jobs().teachers.remove(teacher)", True),
        ("store = server.jobs().teachers\nstore.discard(teacher)", True),
        ("from labcore.data.own.data_store import remove", True),
        ("remove_draft(draft)", True),
        ("save_attempt(new, server.store())", True),
        ("server.store().owners.set(another, profile)", True),
        ("server.store().attempts.write(attempt, entry)", True),
        ("server.searches().files.remove(search)", True),
        ("acts().rename(run, name)", False),
        ("rows.append(server.store().read(run))", False),
        ("st.session_state.update(x=1)", False),
        ("remove_draft(draft, person=person())", False),
        ("save_attempt(new, server.store(), person())", False),
    ],
)
def test_a_planted_fault_is_seen(source: str, faulty: bool) -> None:
    assert bool(list(faults_in("ui.planted", source))) is faulty


def test_every_function_that_writes_is_known() -> None:
    for module, known in FUNCTIONS.items():
        own = {n for n, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__}
        assert known.keys() <= own
        writing = {n for n in own if re.match(r"save|keep|note|remove|rename|write|give|bring$", n)}
        assert writing <= known.keys()
