"""What importing a module imports in turn, from source texts alone."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Mapping

HEAVY = frozenset({"torch", "transformers", "safetensors", "peft"})


def imports_at_import(source: str) -> set[str]:
    """Every module that runs when a module of this source is imported, and for `from a import b` also a.b.

    Bodies of functions do not run then, nor does what stands under `if TYPE_CHECKING`. Bodies of `with`, `if` and
    classes do.
    """
    modules: set[str] = set()
    for node in _running(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def _running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        children = list(node.orelse)
    for child in children:
        yield from _running(child)


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """For each module its direct imports: modules of `sources` by their names, others by their top package."""
    return {module: _known(imports_at_import(source), sources) - {module} for module, source in sources.items()}


def _known(imports: set[str], sources: Mapping[str, str]) -> set[str]:
    tops = {module.partition(".")[0] for module in sources}
    own = {name for name in imports if name in sources}
    others = {name.partition(".")[0] for name in imports}
    return own | (others - tops)


def with_packages(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same, with the packages that hold a module among its imports, because they are imported first."""
    return {
        module: imports | {each for name in (module, *imports) for each in _packages(name) if each in edges} - {module}
        for module, imports in edges.items()
    }


def _packages(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module


def path_to(edges: Mapping[str, set[str]], start: str, targets: frozenset[str]) -> list[str]:
    """The shortest chain of imports from a module to one of the targets; empty if there is none."""
    before: dict[str, str] = {start: ""}
    queue = deque([start])
    while queue:
        module = queue.popleft()
        if module in targets:
            chain = [module]
            while before[chain[-1]]:
                chain.append(before[chain[-1]])
            return chain[::-1]
        for imported in sorted(edges.get(module, ())):
            if imported not in before:
                before[imported] = module
                queue.append(imported)
    return []


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """For each module that imports itself through others, the shortest chain back to it."""
    chains = []
    for module in sorted(edges):
        back = [path_to(edges, imported, frozenset({module})) for imported in sorted(edges[module])]
        if closed := [chain for chain in back if chain]:
            chains.append([module, *min(closed, key=len)])
    return chains
