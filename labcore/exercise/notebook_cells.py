"""A Jupyter notebook as Python: its code cells, without what only Jupyter can carry out.

Magics and shell lines are left out: nothing is installed, and no shell is started. `%time` and `%timeit` run their
statement.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed

RUN_THEIR_BODY = ("time", "timeit", "capture", "prun", "python", "python3", "pypy")
MAGIC = re.compile(
    r"^(?P<indent>\s*)(?:%(?P<name>[A-Za-z_]\w*)(?P<rest>.*)|!.*|\?.*|(?:pip|conda)\s+\w.*|[^#'\"]*[\w)\]]\?{1,2}\s*)$"
)
ASSIGNED = re.compile(r"^(?P<left>\s*[\w.,\s\[\]]+=\s*)[!%][A-Za-z].*$")


def code_cells(text: str, name: str) -> list[str]:
    """The code of each cell of a notebook's JSON, in order; errors call the notebook by `name`.

    Raises SpecError if it is not a notebook of format 4 in Python.
    """
    data = parsed(text, name, "give the notebook as Jupyter saved it", finite=False)  # an output may hold NaN
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise SpecError(f"{name} has no cells; give a notebook of format 4, as Jupyter saves it")
    language = _language(data.get("metadata"))
    if language.lower() not in ("python", "ipython"):
        raise SpecError(f"{name} is a notebook in {language}; give one in Python")
    sources = [cell.get("source", "") for cell in cells if cell.get("cell_type") == "code"]
    return [python_of("".join(map(str, source)) if isinstance(source, list) else str(source)) for source in sources]


def _language(metadata: object) -> str:
    kernel = metadata.get("kernelspec") if isinstance(metadata, Mapping) else None
    language = kernel.get("language") if isinstance(kernel, Mapping) else None
    return language if isinstance(language, str) else "python"


def python_of(cell: str) -> str:
    """A cell's code with its magics and shell lines replaced, line by line; a cell that is Python stays as it is."""
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        pass
    else:
        return cell
    lines = cell.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if not runs_its_body(lines[first][2:]):
            return ""  # in another language, or a file to write
        lines[first] = ""
    kept, continued = [], False
    for line in lines:
        kept.append("" if continued else _python(line))
        continued = line.endswith("\\") and (continued or kept[-1] != line)
    return "\n".join(kept)


def runs_its_body(magic: str) -> bool:
    """Whether a cell magic such as `time -n 3` runs the rest of its cell as Python, in this place."""
    return magic.split()[:1] != [] and magic.split()[0] in RUN_THEIR_BODY


def _python(line: str) -> str:
    if assigned := ASSIGNED.match(line):
        return f"{assigned['left']}[]"
    magic = MAGIC.match(line)
    if not magic:
        return line
    if magic["name"] in ("time", "timeit") and not magic["rest"].strip().startswith("-"):
        return magic["indent"] + (magic["rest"].strip() or "pass")
    return f"{magic['indent']}pass"


# -- the names in a notebook --------------------------------------------------------------------------


class Shell:
    """In place of IPython's shell, for notebooks exported as a script: calls do nothing, `%%time` runs its cell."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self._run = run
        self.config: dict[str, object] = {}  # libraries look in it for a kernel, and take this for a terminal

    def run_cell_magic(self, magic: str, line: str, cell: str) -> None:
        """Run the cell if the magic would do so as Python, here."""
        if runs_its_body(magic):
            self._run(cell)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing


def _nothing(*_: object, **__: object) -> None:
    """In place of a notebook's drawing functions."""


def names_for(run: Callable[[str], None]) -> dict[str, Any]:
    """The names that every notebook may use without an import; `run` runs code where the notebook runs."""
    shell = Shell(run)
    return {"get_ipython": lambda: shell, "display": print, "In": [], "Out": {}}


def stand_ins(names: Mapping[str, Any]) -> dict[str, ModuleType]:
    """IPython's modules by name, which draw nothing; these `names` are in them.

    They also take the place of an installed IPython, whose `get_ipython()` is None outside a notebook.
    """
    if "IPython" in sys.modules:
        return {}
    modules = {
        name: ModuleType(name) for name in ("IPython", "IPython.display", "IPython.core", "IPython.core.display")
    }
    for module in modules.values():
        module.__dict__.update(names)
        module.__dict__["__path__"] = []
        module.__dict__["__getattr__"] = _attribute
    modules["IPython"].__dict__["display"] = modules["IPython.display"]
    return modules


def _attribute(name: str) -> Callable[..., None]:
    if name.startswith("__"):
        raise AttributeError(name)
    return _nothing
