"""Every source file with its role, the first paragraph of its docstring.

python -m benchmarks.files                       # all but the tests
python -m benchmarks.files labcore/distil ui     # files below these folders
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sources import ROOT, files

TESTS = "tests"  # listed only if you name the folder


def roles(paths: Sequence[Path] = ()) -> dict[str, str]:
    """The role of each Python file, by its path below the project; of `paths` only if there are any.

    A file without a docstring is left out. Raises SyntaxError if a file is not Python.
    """
    listed = {}
    for path in files(tuple(paths)):
        if path.suffix == ".py" and (paths or path.parts[0] != TESTS):
            docstring = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if docstring:
                listed[path.as_posix()] = " ".join(docstring.split("\n\n")[0].split())
    return listed


def main() -> None:
    """Print one line for each file."""
    parser = argparse.ArgumentParser(description="List the source files with their role.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: all)")
    listed = roles(parser.parse_args().paths)
    width = max(map(len, listed), default=0)
    for path, role in listed.items():
        print(f"{path:<{width}}  {role}")


if __name__ == "__main__":
    main()
