"""The command that grades a function: only a complete check is a verdict, and whoever stops it stops all of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from benchmarks.counters.right_files import RIGHT_FILES
from labcore.__main__ import main
from labcore.exercise.counting_check import CASES
from tests.shared.full import first
from tests.shared.runs import until

MOST = 120  # seconds that a condition may take before its test fails
END_AT = """
import os, signal, sys

calls = 0


def count_parameters(model):
    global calls
    calls += 1
    if calls == 3:
        os.write(1, b"22 of 22 right\\n")
        {end}
    params = list(model.parameters())
    total = sum(p.numel() for p in params)
    return {{"total": total, "trainable": total, "nonzero": total}}
"""
AT_THIRD = [f"right  {case.name}" for case in CASES[:2]]
EXITED = (
    "error: mine.py ended Python itself (exit status 0) before all models were counted; remove os._exit and the like"
)
KILLED = (
    "error: Python was ended by SIGKILL before all models were counted; mine.py crashed it, took too much memory, or"
)


@pytest.mark.parametrize(
    ("code", "lines", "words"),
    first(
        1,
        [
            (END_AT.format(end="os._exit(0)"), AT_THIRD, EXITED),
            ("import os\nos._exit(0)", [], EXITED),
            (END_AT.format(end="os.execv(sys.executable, [sys.executable, '-c', ''])"), AT_THIRD, EXITED),
            (END_AT.format(end="os.kill(os.getpid(), signal.SIGKILL)"), AT_THIRD, KILLED),
        ],
    ),
    ids=["in the function", "at its top", "by another program", "by a signal"],
)
def test_a_file_that_ends_python_does_not_pass(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], code: str, lines: list[str], words: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(code)
    assert main(["grade", str(mine)]) == 1
    out, error = capfd.readouterr()
    assert out.splitlines() == lines
    assert error.splitlines()[-1].startswith(words)
    assert "Traceback" not in error


@pytest.mark.full
def test_the_verdicts_alone_are_on_standard_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    [prints] = [sample for sample in RIGHT_FILES if sample.name == "prints as it goes"]
    mine = prints.written(tmp_path)
    mine.write_text("import os\nos.system('echo from a shell')\n" + mine.read_text(encoding="utf-8"), encoding="utf-8")
    assert main(["grade", str(mine)]) == 0
    out, error = capfd.readouterr()
    assert out.splitlines() == [*(f"right  {case.name}" for case in CASES), f"{len(CASES)} of {len(CASES)} right"]
    assert all(words in error for words in ("from a shell", "loading …", "right  my own verdict"))


def test_a_file_that_can_not_be_graded_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("1 / 0")
    assert main(["grade", str(mine)]) == 2
    assert capsys.readouterr() == ("", f"error: {mine} can't be run: line 1: ZeroDivisionError: division by zero\n")


@pytest.mark.full
def test_an_interrupt_that_a_file_raises_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("def count_parameters(model):\n    raise KeyboardInterrupt")
    assert main(["grade", str(mine)]) == 130
    assert capsys.readouterr() == ("", "stopped\n")


def test_the_grader_itself_needs_no_torch() -> None:
    code = "import sys, labcore.__main__, labcore.exercise.grade_command; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- stopped -------------------------------------------------------------------------------------------

ENDLESS = """
import os
from pathlib import Path


def count_parameters(model):
    part = Path({pid!r} + ".part")
    part.write_text(str(os.getpid()))
    part.rename({pid!r})
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""


def ended(pid: int) -> bool:
    """Whether a process has ended; one that nobody has asked about its end yet has ended, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("way", first(1, ["ctrl-c", "interrupt", "kill"]))
def test_who_stops_the_grader_stops_the_function(tmp_path: Path, way: str) -> None:
    mine, pid = tmp_path / "mine.py", tmp_path / "pid"
    mine.write_text(ENDLESS.format(pid=str(pid)))
    command = [sys.executable, "-m", "labcore", "grade", str(mine)]
    grader = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    try:
        until(pid.exists)
        if way == "ctrl-c":
            os.killpg(grader.pid, signal.SIGINT)  # as a terminal does
        else:
            grader.send_signal(signal.SIGINT if way == "interrupt" else signal.SIGKILL)
        out, error = grader.communicate(timeout=MOST)
        until(lambda: ended(int(pid.read_text())))
    finally:
        if grader.poll() is None:
            os.killpg(grader.pid, signal.SIGKILL)
            grader.wait()
    assert out == ""
    assert (grader.returncode, error) == ((-signal.SIGKILL, "") if way == "kill" else (130, "stopped\n"))
