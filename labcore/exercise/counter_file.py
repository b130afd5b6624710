"""A person's file or notebook, run as `python file.py` would run it, and the function in it.

While the file runs, and each time its function is called, the file is `__main__`, and its name is the only argument. It
can import modules beside it. Its prints go to standard error, and it can read nothing from the keyboard. All of that is
put back.
"""

from __future__ import annotations

import builtins
import difflib
import importlib
import io
import sys
import traceback
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from labcore.config.checks import SpecError
from labcore.exercise.notebook_cells import code_cells, names_for, stand_ins

FUNCTION = "count_parameters"
SUFFIXES = (".py", ".ipynb")  # only these are ever run


def load_counter(path: Path) -> Callable[[Any], Any]:
    """The function in a Python file or notebook, which is run. Each call finds the interpreter as the file left it.

    Raises SpecError if the file does not run or has no such function. A file that ends by `sys.exit`, or a notebook
    with a cell that fails, may still have it. Failed cells are reported on standard error.
    """
    if not path.is_file():
        raise SpecError(f"{path} is not a file; give the Python file or notebook that has your {FUNCTION}")
    if path.suffix.lower() not in SUFFIXES:
        raise SpecError(f"{path} is not a Python file or a notebook; give a name that ends in .py or .ipynb")
    script = _Script(path)
    problem = script.run()
    function = script.module.__dict__.get(FUNCTION)
    if not callable(function):
        if problem:
            raise SpecError(f"{path} can't be run: {problem}")
        raise SpecError(f"{path} has no function {FUNCTION}; {_alike(script.module)}")
    if problem:
        print(f"note: {path.name}: {problem}; its {FUNCTION} is checked all the same", file=sys.stderr)

    def counter(model: Any) -> Any:
        with script.running():
            return function(model)

    return counter


def failure(error: BaseException) -> str:
    """An error in a person's code in one line: the line that raised it, its type, and its message."""
    if isinstance(error, SystemExit):
        return f"{_line_of(error)}it ends the program (exit status {error.code!r}); return instead of sys.exit"
    if isinstance(error, _NoInput):
        return f"{_line_of(error)}it waits for input, and nothing can be typed here; leave out input()"
    try:
        words = " ".join(str(error).split())
    except Exception:
        words = ""
    if isinstance(error, SyntaxError):
        words = " ".join(str(error.msg).split())
    words = words if len(words) <= 200 else words[:199] + "…"
    return f"{_line_of(error)}{type(error).__name__}{f': {words}' if words else ''}"


def _line_of(error: BaseException) -> str:
    """`cell 3, line 7: `: the last line of the person's own file that the error passed through."""
    frames = traceback.walk_tb(error.__traceback__)
    own = [(f.f_code.co_filename, line) for f, line in frames if f.f_globals.get("__name__") == "__main__"]
    file, line = own[-1] if own else ("", 0)
    if isinstance(error, SyntaxError) and error.lineno is not None:
        if own and error.filename:  # of a file that the person's own file imports
            return f"{Path(error.filename).name}, line {error.lineno}: "
        file, line = error.filename or "", error.lineno
    cell = f"{file[1:-1]}, " if file.startswith("<cell") else ""
    return f"{cell}line {line}: " if line else ""


def _alike(module: ModuleType) -> str:
    """What to do about a missing function: a similar name may be meant."""
    functions = [n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == "__main__"]
    close = difflib.get_close_matches(FUNCTION, functions, n=1, cutoff=0.5)
    return f"rename its {close[0]}" if close else f"define it: def {FUNCTION}(model): …"


class _Script:
    """A file that is run as the main program, with the state of the interpreter that belongs to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.module = ModuleType("__main__")
        self._folder = path.resolve().parent
        self._argv = [str(path)]
        self._search = [str(self._folder), *sys.path]
        self._beside: dict[str, ModuleType] = {}  # modules from its folder: another person's may have equal names

    def run(self) -> str:
        """Run the file. Returns what went wrong, in one line; empty if nothing did."""
        importlib.invalidate_caches()  # a file beside it may be a moment old
        self.module.__dict__.update({"__file__": str(self.path.absolute()), "__builtins__": builtins})
        problems = []
        with self.running():
            for name, source in self._parts():
                try:
                    self._execute(source, name)
                except KeyboardInterrupt:
                    raise
                except SystemExit as error:
                    if not callable(self.module.__dict__.get(FUNCTION)):
                        problems.append(f"{_line_of(error)}{_ended(error)}")
                    break
                except BaseException as error:
                    problems.append(failure(error))
                    if self.path.suffix.lower() == ".py":
                        self.module.__dict__.pop(FUNCTION, None)  # as with python: a file that failed has no function
        return "; ".join(problems)

    def _parts(self) -> Iterator[tuple[str, str | bytes]]:
        """Each block of code with the name that its lines have in errors."""
        try:
            source = self.path.read_bytes()
            notebook = self.path.suffix.lower() == ".ipynb"
            cells = code_cells(source.decode("utf-8-sig"), self.path.name) if notebook else []
        except (OSError, UnicodeDecodeError) as error:
            raise SpecError(f"{self.path} can't be read ({error}); give a Python file or a notebook") from None
        if notebook or b"get_ipython()" in source:  # the second is a notebook that was exported
            names = names_for(lambda code: self._execute(code, str(self.path)))
            self.module.__dict__.update(names)
            sys.modules.update(modules := stand_ins(names))
            self._beside.update(modules)
        if not notebook:
            yield str(self.path), source
        yield from ((f"<cell {number}>", cell) for number, cell in enumerate(cells, 1))

    def _execute(self, source: str | bytes, name: str) -> None:
        code: CodeType = compile(source, name, "exec", dont_inherit=True)
        exec(code, self.module.__dict__)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The interpreter as the file would find it, with what the file changed in an earlier call."""
        before = sys.argv, sys.path, sys.stdin, builtins.input, sys.modules["__main__"]
        known = set(sys.modules)
        sys.argv, sys.path, sys.stdin, builtins.input = self._argv, self._search, io.StringIO(), _no_input
        sys.modules["__main__"] = self.module
        sys.modules.update(self._beside)
        try:
            with redirect_stdout(sys.stderr):
                yield
        finally:
            self._argv, self._search = sys.argv, sys.path
            sys.argv, sys.path, sys.stdin, builtins.input, sys.modules["__main__"] = before
            self._beside.update(self._new_beside(known))
            for name in self._beside:
                sys.modules.pop(name, None)

    def _new_beside(self, known: Set[str]) -> dict[str, ModuleType]:
        """Modules imported from the file's own folder, besides these `known` ones."""
        tops = {
            name
            for name, module in list(sys.modules.items())
            if name not in known and "." not in name and self._is_beside(module)
        }
        return {name: module for name, module in list(sys.modules.items()) if name.split(".")[0] in tops}

    def _is_beside(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        folder = Path(file).parent if file else Path(next(iter(getattr(module, "__path__", [])), "/"))
        return self._folder in (folder, folder.parent)


class _NoInput(EOFError):
    """The file called `input()`, though nobody can type."""


def _no_input(prompt: object = "", /) -> str:
    """In place of `input`: the prompt gets its line to itself, and the standard input has ended."""
    print(prompt)
    raise _NoInput("EOF when reading a line")


def _ended(error: SystemExit) -> str:
    return (
        f"it ends (exit status {error.code!r}) before {FUNCTION} is defined; it gets no arguments here, as in "
        f"`python file.py`, so define the function first"
    )
