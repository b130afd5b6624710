"""A person's file runs as with `python file.py`, a notebook as in Jupyter, and nothing of it stays."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.counters.right_styles import PLAIN
from labcore.__main__ import main
from labcore.config.spec import SpecError
from labcore.exercise.counter_file import failure, load_counter
from labcore.exercise.notebook_cells import python_of

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file into a folder, and returns its path."""

    def written(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def notebook(*cells: str, **more: Any) -> str:
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "1 / 0"}, *made], "nbformat": 4, **more})


def world() -> tuple[object, ...]:
    streams = sys.stdin, sys.stdout, builtins.input
    return sys.argv, list(sys.argv), sys.path, list(sys.path), *streams, sys.modules["__main__"], set(sys.modules)


# -- the world of a file -------------------------------------------------------------------------------

SEES = """
import sys, helper

def count_parameters(model):
    import late
    main = sys.modules["__main__"]
    return __name__, sys.argv, sys.path[0], main.count_parameters is count_parameters, helper.NAME, late.NAME, __file__

seen = count_parameters(None)
sys.path.append("more")
"""


def test_a_file_finds_what_python_would_give_it_and_all_is_put_back(write: Write, tmp_path: Path) -> None:
    for name in ("helper", "late"):
        write(f"NAME = '{name}'", f"{name}.py")
    mine, before = write(SEES), world()
    counter = load_counter(mine)
    expected = ("__main__", [str(mine)], str(tmp_path.resolve()), True, "helper", "late", str(mine))
    for _ in range(2):
        assert counter(None) == expected
        assert world() == before


def test_two_people_may_call_their_helpers_alike(write: Write) -> None:
    code = "import helper\ncount_parameters = lambda model: (helper.NAME, helper.inner.NAME)"
    for who in ("ada", "eve"):
        write(f"from helper import inner\nNAME = '{who}'", f"{who}/helper/__init__.py")
        write(f"NAME = 'inner {who}'", f"{who}/helper/inner.py")
    counters = {who: load_counter(write(code, f"{who}/mine.py")) for who in ("ada", "eve")}
    assert {who: counter(None) for who, counter in counters.items()} == {
        who: (who, f"inner {who}") for who in ("ada", "eve")
    }


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.argv, sys.path = [], []\n1 / 0",
        "import sys\nsys.exit(3)",
        "raise BaseException('odd')",
        "input()",
    ],
)
def test_all_is_put_back_after_an_error(write: Write, code: str) -> None:
    before = world()
    with pytest.raises(SpecError, match="can't be run"):
        load_counter(write(code))
    counter = load_counter(write("def count_parameters(model):\n    " + code.replace("\n", "\n    ")))
    with pytest.raises(BaseException):  # noqa: B017, PT011 -- whatever it is
        counter(None)
    assert world() == before


def test_what_a_file_prints_goes_to_standard_error(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    load_counter(write("print('loaded')\ndef count_parameters(model): print('called')"))(None)
    assert capsys.readouterr() == ("", "loaded\ncalled\n")


@pytest.mark.parametrize("end", ["import sys; sys.exit(0)", "raise SystemExit('done')", "quit()"])
def test_a_function_is_used_though_its_file_ends_the_program(write: Write, end: str) -> None:
    assert load_counter(write(f"count_parameters = lambda model: model\n{end}"))(3) == 3


# -- what can't be run ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1", "has no function count_parameters; define it: def count_parameters(model): …"),
        ("count_parameters = 3", "has no function count_parameters; define it"),
        ("def count_params(model): ...", "has no function count_parameters; rename its count_params"),
        ("def f(:", "can't be run: line 1: SyntaxError: invalid syntax"),
        ("x = 1\n\n1 / 0", "can't be run: line 3: ZeroDivisionError: division by zero"),
        ("def count_parameters(model): ...\n1 / 0", "can't be run: line 2: ZeroDivisionError"),
        ("raise BaseException('a\\nb')", "can't be run: line 1: BaseException: a b"),
        ("import broken", "can't be run: broken.py, line 2: SyntaxError"),
        ("import no_such_module", "can't be run: line 1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = input('how many? ')", "can't be run: line 1: it waits for input, and nothing can be typed here; leave"),
        ("import sys\nsys.exit(3)", "can't be run: line 2: it ends (exit status 3) before count_parameters is defined"),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('model')\np.parse_args()",
            "line 4: it ends (exit status 2) before",
        ),
        ("\0", "can't be run: "),
    ],
)
def test_a_file_that_can_not_be_graded_is_told_why(
    write: Write, capsys: pytest.CaptureFixture[str], code: str, words: str
) -> None:
    write("x = 1\ny = = 2", "broken.py")
    with pytest.raises(SpecError) as caught:
        load_counter(write(code))
    assert words in str(caught.value)
    out, error = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in error


@pytest.mark.parametrize("name", ["mine.json", "mine.txt", "mine", "mine.pyc", "folder.py/mine.txt"])
def test_only_python_files_and_notebooks_are_ever_run(write: Write, tmp_path: Path, name: str) -> None:
    ran = tmp_path / "ran"
    path = write(f"open({str(ran)!r}, 'w')\n{PLAIN}", name)
    with pytest.raises(SpecError, match="not a Python file or a notebook"):
        load_counter(path)
    assert main(["grade", str(path)]) in (1, 2)
    assert main(["grade", str(path.parent)]) in (1, 2)
    assert not ran.exists()


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", str(tmp_path / "none.py")]) == 2
    assert "is not a file" in capsys.readouterr().err
    with pytest.raises(SpecError, match="is not a file"):
        load_counter(tmp_path)


def test_an_error_in_a_call_names_its_line(write: Write) -> None:
    counter = load_counter(write("def inner(): raise ValueError('x' * 500)\ndef count_parameters(model):\n    inner()"))
    with pytest.raises(ValueError, match="xx") as caught:
        counter(None)
    assert failure(caught.value).startswith("line 1: ValueError: xxx")
    assert len(failure(caught.value)) < 250


# -- notebooks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("x = ('%d'\n     % 3)", "x = ('%d'\n     % 3)"),
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if a:\n    !ls *.py\n    %cd ..", "if a:\n    pass\n    pass"),
        ("!pip install a \\\n  b \\\n  c\nx = 1", "pass\n\n\nx = 1"),
        ("pip install torchinfo\nx = 1", "pass\nx = 1"),
        ("files = !ls\nhere = %pwd", "files = []\nhere = []"),
        ("%time x = f(2)\n%timeit -n 3 f(2)", "x = f(2)\npass"),
        ("model?\n?model\nmodel.eval??", "pass\npass\npass"),
        ("%%time\nx = 1", "\nx = 1"),
        ("\n%%timeit -n 1\nx = 1\n%env A=b", "\n\nx = 1\npass"),
        ("%%bash\nrm -r folder", ""),
        ("%%writefile helper.py\nx = 1", ""),
        ("x = (1,\n", "x = (1,\n"),
    ],
)
def test_magics_are_left_out_and_code_stays_on_its_lines(cell: str, code: str) -> None:
    assert python_of(cell) == code


def test_a_notebook_goes_on_after_a_cell_that_fails_and_says_so(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = (
        "count_parameters = lambda model: 1",
        "import no_such_module",
        "x = (",
        "count_parameters = lambda model: 2",
    )
    assert load_counter(write(notebook(*cells), "mine.ipynb"))(None) == 2  # the last definition
    error = capsys.readouterr().err
    assert (
        "note: mine.ipynb: cell 2, line 1: ModuleNotFoundError: No module named 'no_such_module'; cell 3, line 1: Syn"
        in error
    )
    assert "its count_parameters is checked all the same" in error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "mine.ipynb is not JSON"),
        ("[1]", "mine.ipynb has no cells"),
        ('{"cells": [1]}', "mine.ipynb has no cells"),
        (notebook("x <- 1", metadata={"kernelspec": {"language": "R"}}), "mine.ipynb is a notebook in R; give one in"),
        (notebook("x = 1", "1 / 0"), "can't be run: cell 2, line 1: ZeroDivisionError: division by zero"),
        (notebook("import sys\nsys.exit()", PLAIN), "cell 1, line 2: it ends (exit status None) before"),
        (notebook(), "has no function count_parameters"),
    ],
)
def test_a_notebook_that_can_not_be_graded_is_told_why(write: Write, text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_counter(write(text, "mine.ipynb"))
    assert words in str(caught.value)


def test_a_notebook_has_the_names_that_jupyter_gives(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    cell = (
        "from IPython import get_ipython\nfrom IPython.display import display, clear_output, HTML\n"
        "import IPython.display as d\ndisplay('shown')\nclear_output(wait=True)\nHTML('<b>')\nd.Markdown('x')\n"
        "assert 'IPKernelApp' not in get_ipython().config\n"
        "get_ipython().run_line_magic('matplotlib', 'inline')\n"
        "get_ipython().run_cell_magic('time', '', 'count_parameters = lambda model: 5')\n"
        "get_ipython().run_cell_magic('bash', '', 'count_parameters = 3')"
    )
    before = set(sys.modules)
    assert load_counter(write(notebook(cell), "mine.ipynb"))(None) == 5
    assert capsys.readouterr() == ("", "shown\n")
    assert set(sys.modules) == before
    assert load_counter(write(cell))(None) == 5  # exported as a script
