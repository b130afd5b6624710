"""Dataclasses of more than four fields are built by keyword: nobody counts positions to read a call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.shared.source_files import FILES, module_of

MAX_POSITIONAL_FIELDS = 4


def fields_by_class(trees: dict[str, ast.Module]) -> dict[str, int]:
    """How many fields each dataclass declares, by its name; of two classes with one name the smaller number."""
    numbers: dict[str, int] = {}
    for node in (node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        if any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            number = sum("ClassVar" not in ast.unparse(part.annotation) for part in fields)
            numbers[node.name] = min(number, numbers.get(node.name, number))
    return numbers


def positional_calls(trees: dict[str, ast.Module]) -> Iterator[str]:
    """Each call of a large dataclass with more than one positional argument."""
    large = {name for name, count in fields_by_class(trees).items() if count > MAX_POSITIONAL_FIELDS}
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name in large and len(node.args) > 1:
                    yield f"{module}:{node.lineno} builds {name} by position"


def test_large_dataclasses_are_built_by_keyword() -> None:
    trees = {module_of(file): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
    assert list(positional_calls(trees)) == []


def test_a_call_by_position_is_seen() -> None:
    fields = "\n    ".join(f"{name}: int" for name in "abcde")
    planted = ast.parse(f"@dataclass\nclass Large:\n    {fields}\n\nLarge(1, 2, c=3, d=4, e=5)\n")
    assert list(positional_calls({"planted": planted})) == ["planted:9 builds Large by position"]
