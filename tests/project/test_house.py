"""What is measured of the house: its table, long things, and modules of one name."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import house
from benchmarks.prose import Fault
from benchmarks.sources import files

CODE = Path("labcore/somewhere.py")


def lines_of(reported: list[Fault]) -> list[int]:
    return [fault.line for fault in reported]


def test_a_module_of_labcore_has_a_name_of_its_own() -> None:
    assert [str(fault) for fault in house.repeated_modules(files())] == []


def test_long_things_are_seen() -> None:
    assert lines_of(house.long_lines(CODE, f"x\n{'y' * 121}\n{'z' * 120}\n")) == [2]
    assert lines_of(house.long_functions(CODE, "def f():\n" + "    x\n" * 60 + "def g():\n" + "    x\n" * 59)) == [1]
    assert house.long_files(CODE, "x\n" * 250) == []
    assert lines_of(house.long_files(CODE, "x\n" * 251)) == [1]


def test_repeated_modules_are_seen() -> None:
    paths = [Path(f"labcore/{name}.py") for name in ("a/one", "b/one", "b/two", "a/__init__", "b/__init__")]
    reported = house.repeated_modules([*paths, Path("ui/two.py")])
    assert [fault.path.as_posix() for fault in reported] == ["labcore/a/one.py", "labcore/b/one.py"]


def test_the_table_has_every_measure() -> None:
    paths = files((Path("benchmarks"),))
    rows = dict(house.table(paths))
    longest = max(house.read(path).count("\n") for path in paths if path.suffix == ".py")
    assert rows["longest file"].startswith(f"{longest} lines, benchmarks/")
    assert rows["banned words"] == f"{len(house.faults(['words'], paths)['words']):,}"
    assert {name.split(" (")[0] for name in rows} >= {"longest line", "longest function", "files that name a step"}


def test_what_is_no_python_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    (tmp_path / "broken.py").write_text("def (:\n")
    assert [fault.line for fault in house.faults(["words"], [Path("broken.py")])["words"]] == [1]


def test_files_that_name_a_thing_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    sources = {
        "labcore/a.py": "class Toy: pass\n",
        "labcore/b.py": "x = {'distil.toy': 1}\n",
        "ui/c.py": "print(config.toy)\n",
        "ui/d.py": "'''A toy, Toy and toys.'''\ntoys = 1\n",
        "tests/e.py": "toy = 1\n",
    }
    for name, source in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    named = house.naming(("Toy", "toy"), map(Path, sources))
    assert [path.as_posix() for path in named] == ["labcore/a.py", "labcore/b.py", "ui/c.py"]
