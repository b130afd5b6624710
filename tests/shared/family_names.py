"""Where a source text names the submodules of a model family: by attributes, in strings, or by transformers' classes.

What to search for is derived from the `Family` data, so a further family is searched for as soon as it is there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

from labcore.models.architecture import ROLES
from labcore.models.family import Family
from labcore.models.family_data import ConfigFields, Head, Rotary

PATH_READERS = {
    "getattr", "hasattr", "setattr", "attrgetter",
    "get_submodule", "set_submodule", "get_parameter", "get_buffer", "startswith", "removeprefix",
}  # fmt: skip
# Attributes of modules that mean something else in the lab: a step's or a structure's field, a module's own name.
OTHER_MEANINGS = {
    *ROLES,
    "layer",
    "embeddings",
    "encoder",
    "attention",
    "intermediate",
    "dense",
    "dropout",
    "output",
    "activation",
    # Of ModernBERT, whose body is a "model" that has "layers", a "head" and a "norm".
    "model",
    "layers",
    "head",
    "norm",
    "drop",
    "act",
}

NO_PATHS = {
    *((Family, name) for name in ("model_type", "label", "sizes", "fields", "pretraining_heads", "initial")),
    *((Head, name) for name in ("activation", "pooling")),
    *((ConfigFields, name) for name in ("activation", "epsilon")),
    *((Rotary, name) for name in ("kinds", "bases", "windows")),
}


class FamilyNames:
    """The names to search for, from the data of these families."""

    def __init__(self, families: Iterable[Family]):
        families = tuple(families)
        paths = [path.split(".") for family in families for path in _paths(family)]
        config_fields = {name for family in families for name in family.sizes.values()}
        self.bodies = {family.body for family in families} - OTHER_MEANINGS
        self.types = tuple(family.model_type.replace("-", "") for family in families)
        self.names = {name for path in paths for name in path}
        self.pairs = {pair for path in paths for pair in pairwise(path)}
        self.paths = self.names - {*ROLES, "model", "layers", "head", "norm", "drop", "act"}
        self.attributes = self.names - OTHER_MEANINGS - config_fields
        self.words = {name for name in self.attributes if "_" in name or not name.islower()}

    def breaches(self, source: str) -> list[str]:
        """Each place in the source that names a family's submodule: its line, and the name."""
        tree = ast.parse(source)
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        imported = {alias.asname or alias.name for node in imports for alias in node.names}
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        named: set[tuple[int, str]] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                named |= {(node.lineno, name) for name in self._in_attribute(node, imported)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                named |= {(node.lineno, name) for name in self._in_string(node.value)}
            elif isinstance(node, ast.Call):
                named |= {(node.lineno, name) for name in self._in_call(node)}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("transformers"):
                named |= {(node.lineno, alias.name) for alias in node.names if self._is_class(alias.name)}
        return [f"{line}: {name}" for line, name in sorted(named)]

    def _in_attribute(self, node: ast.Attribute, imported: set[str]) -> Iterator[str]:
        if isinstance(node.value, ast.Name) and node.value.id in imported:
            return  # a function of one of the lab's own modules
        if node.attr in self.attributes:
            yield f".{node.attr}"
        inner = node.value.value if isinstance(node.value, ast.Subscript) else node.value
        if isinstance(inner, ast.Attribute) and (inner.attr, node.attr) in self.pairs:
            yield f".{inner.attr}.{node.attr}"

    def _in_string(self, text: str) -> Iterator[str]:
        for dotted in re.findall(r"[\w.]+", text):
            names = dotted.split(".")
            if len(names) > 1 and names[0] in self.bodies:
                yield dotted
            yield from (f"{first}.{second}" for first, second in pairwise(names) if (first, second) in self.pairs)
            # "LayerNorm" alone is a word of prose
            yield from (name for name in names if name in self.words and ("_" in name or len(names) > 1))

    def _in_call(self, node: ast.Call) -> Iterator[str]:
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if function not in PATH_READERS:
            return
        for argument in node.args:
            for each in ast.walk(argument):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    names = each.value.strip(".").split(".")
                    yield from (name for name in names if name in self.paths)
                    yield from (f"{one}.{two}" for one, two in pairwise(names) if (one, two) in self.pairs)

    def _is_class(self, name: str) -> bool:
        return name.lower().startswith(self.types)


def _paths(data: Any) -> Iterator[str]:
    """Every path in a family's data."""
    for field in fields(data):
        value = getattr(data, field.name)
        if (type(data), field.name) in NO_PATHS:
            continue
        if is_dataclass(value):
            yield from _paths(value)
        elif isinstance(value, Mapping):
            yield from value.values()
        elif isinstance(value, str):
            yield value
