"""Every number that an option takes is checked before any work."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest

from labcore.__main__ import main
from tests.shared.source_files import ROOT

HUGE = ("100000000000000000000000", "9" * 30)
NUMBERS = [
    *((["finetune", "reviews", "--seed", n], "--seed") for n in ("-1", str(2**63), *HUGE)),
    *((["sweep", "frontier", "--seeds", n], "--seeds") for n in ("0", "-3", "101", *HUGE)),
    *((["record", "--seeds", n], "--seeds") for n in ("0", "-3", "101", *HUGE)),
    *((["data", "add", "-", "--max-tokens", n], "--max-tokens") for n in ("7", "-1", "513", *HUGE)),
    *((["data", "cue", "-", "--label", "x", "--strength", n], "--strength") for n in ("0.5", "0", "-1", "1.1", "nan")),
    *((["teacher", "make", "reviews", "--epochs", n], "--epochs") for n in ("0", "-1", "31", *HUGE)),
    *((["teacher", "make", "reviews", "--batch-size", n], "--batch-size") for n in ("0", "-1", "513", *HUGE)),
    *((["teacher", "make", "reviews", "--learning-rate", n], "--learning-rate") for n in ("0", "-1", "nan", "inf")),
    *((["teacher", "make", "reviews", "--seed", n], "--seed") for n in ("-1", str(2**63), *HUGE)),
    *((["search", "--within", n], "--within") for n in ("-1", "51", "nan", "inf")),
    *((["search", "--limit", n], "--limit") for n in ("0", "-1", "nan", "inf")),
    *((["search", "--steps", n], "--steps") for n in ("0", "39", "1000001", *HUGE)),
    *((["search", "--seed", n], "--seed") for n in ("-1", str(2**31), *HUGE)),
    *((["count", "--spec", "-", "--tokens", n], "--tokens") for n in ("0", "-5", "513", *HUGE)),
]


@pytest.mark.parametrize(("arguments", "option"), NUMBERS, ids=lambda value: " ".join(value)[:40])
def test_every_number_of_an_option_is_checked_before_any_work(
    arguments: list[str],
    option: str,
    lab_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("{}"))
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {option} is ")
    assert "; give " in err
    assert err.count("\n") == 1
    assert not lab_home.exists() or not list(lab_home.iterdir())


def test_what_is_no_number_is_quoted_short(capsys: pytest.CaptureFixture[str]) -> None:
    for given in ("three", "1.5", "", "9" * 5000):
        with pytest.raises(SystemExit) as caught:
            main(["finetune", "reviews", "--seed", given])
        assert caught.value.code == 2
        last = capsys.readouterr().err.splitlines()[-1]
        assert "is not a whole number; give one such as 3" in last
        assert len(last) < 200


def test_every_option_that_takes_a_number_is_among_these() -> None:
    """Whoever adds one adds its range: no option may be read as a plain int or float."""
    sources = [ROOT / "labcore" / "__main__.py", *(ROOT / "labcore" / "commands").glob("*.py")]
    given = {}
    for node in (node for source in sources for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
            types = [ast.unparse(each.value) for each in node.keywords if each.arg == "type"]
            given[ast.unparse(node.args[0]).strip("'")] = types[0] if types else "str"
    assert set(given.values()) <= {"str", "Path", "whole_number", "number"}
    assert {name for name, kind in given.items() if "number" in kind} == {option for _, option in NUMBERS}
