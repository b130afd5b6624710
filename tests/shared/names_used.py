"""What a source text uses by name: imports, attributes, keyword arguments and texts, docstrings left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def names_used(source: str) -> Iterator[tuple[int, str]]:
    """Each name with its line: `import a.b` is a.b, an attribute is .name and also a.name, a text is 'text'."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((node.lineno, alias.name) for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield node.lineno, module
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            case ast.Attribute():
                yield node.lineno, f".{node.attr}"
                yield node.lineno, ast.unparse(node)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield node.lineno, repr(text)
            case _:
                continue
