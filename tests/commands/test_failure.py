"""What goes wrong in a command is a line on the terminal, and its exit status."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import SpecError
from labcore.system.faults import fault_of, sentence
from tests.shared.faults import breaking, system
from tests.shared.full import first
from tests.shared.source_files import ROOT


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (system(errno.ENOSPC, "/a/b"), 2),
        (MemoryError(), 1),
        (KeyError("x"), 1),
        (FloatingPointError("nan"), 1),
        (SpecError("no"), 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_command_that_fails_prints_a_line(
    error: Exception,
    status: int,
    tmp_path: Path,
    lab_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("labcore.runs.cache.counted", breaking(lambda: error))
    (tmp_path / "spec.json").write_text("{}")
    assert main(["count", "--spec", str(tmp_path / "spec.json")]) == status
    out, err = capfd.readouterr()
    assert out == ""
    assert (
        err
        == f"error: {sentence(error)}"
        + (f" Details are in {lab_home / 'lab.log'}." if "KeyError" in err else "")
        + "\n"
    )
    assert (lab_home / "lab.log").exists() == (fault_of(error) is not None)


@pytest.mark.parametrize("output", first(1, ["/dev/full", "a reader that has gone"]))
def test_an_output_that_can_not_be_written_is_no_traceback(output: str, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{}")
    command = [sys.executable, "-m", "labcore", "count", "--spec", str(tmp_path / "spec.json")]
    if output == "/dev/full":
        if not Path(output).exists():
            pytest.skip("this system has no /dev/full")
        with open(output, "w") as full:
            done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (
            2,
            "error: The disk is full: a file can't be written. Free some space, then try again.\n",
        )
        return
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(command, cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, "")
