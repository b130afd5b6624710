"""Every source file with the first sentence of its docstring: `python -m benchmarks.files [FOLDER...]`."""

from __future__ import annotations

import argparse
import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("app.py", "pages", "ui", "labcore", "benchmarks", "docs")


def roles(sources: tuple[str, ...] = SOURCES) -> dict[str, str]:
    """By path below the project, what each Python file there is for; files without a docstring are left out."""
    files = [
        file
        for source in sources
        for file in ([ROOT / source] if source.endswith(".py") else (ROOT / source).rglob("*.py"))
    ]
    documented = {file: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) for file in sorted(files)}
    return {
        str(file.relative_to(ROOT)): " ".join(text.split("\n\n")[0].split())
        for file, text in documented.items()
        if text
    }


def main() -> None:
    """Print one line for each file."""
    parser = argparse.ArgumentParser(description="List source files with their role.")
    parser.add_argument(
        "sources", nargs="*", default=SOURCES, help="files or folders, such as labcore/distil"
    )
    listed = roles(tuple(parser.parse_args().sources))
    width = max(map(len, listed), default=0)
    for path, role in listed.items():
        print(f"{path:<{width}}  {role}")


if __name__ == "__main__":
    main()
