"""The project's own files, and what each of them imports."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


FILES = sorted([ROOT / "app.py", *(f for folder in ("labcore", "ui", "pages") for f in (ROOT / folder).rglob("*.py"))])


def module_of(file: Path) -> str:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports_of(file: Path) -> set[str]:
    """Every module that a file imports, wherever in it, and for `from a import b` also a.b."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative imports hide who imports whom"
            imported |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return imported
