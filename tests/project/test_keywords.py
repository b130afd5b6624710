"""Each class has a name of its own, and a dataclass of more than four fields is built by keyword."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.shared.source_files import FILES, module_of

MAX_POSITIONAL_FIELDS = 4


def fields_by_class(trees: dict[str, ast.Module]) -> dict[str, int]:
    """How many fields each dataclass declares, by its name."""
    return {
        node.name: sum(
            isinstance(part, ast.AnnAssign) and "ClassVar" not in ast.unparse(part.annotation) for part in node.body
        )
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(each) for each in node.decorator_list)
    }


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


def test_no_two_classes_have_one_name() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in FILES]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    assert sorted({name for name in names if names.count(name) > 1}) == []
