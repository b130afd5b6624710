"""A person's `count_parameters` graded in a process of its own: a file that ends Python can't end the grader with it.

The child (`counting_child.py`) reports over a pipe, one JSON object a line. Only a reported end counts as a verdict;
the child's exit status does not. This process imports no torch, so the command takes no longer than the child.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from labcore.config.checks import SpecError
from labcore.config.json_data import parsed

# Until the first line is done, Ctrl-C waits; from then on it ends the child at once, without a traceback.
START = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
hasattr(signal, "pthread_sigmask") and signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
import json
sys.path[:] = json.loads(sys.argv[1])
from labcore.exercise.counting_child import main
main(*sys.argv[2:])
"""
CONTROL_C_EXIT = 0xC000013A  # the status of a process that Ctrl-C ended on Windows


def grade_function(path: Path, home: Path | None, code: str | None = None) -> int:
    """Check the function in a Python file or notebook and print a verdict a line; 0 if every count is right, else 1.

    home: the folder of the log, for unforeseen errors. code: of the attempt that the counts are for; then the last line
    is the one to paste on the Exercise page. Raises SpecError if the file does not run or has no such
    function, and KeyboardInterrupt if the check was stopped.
    """
    right = checked = 0
    line = no_line = ""
    with _child(path, home, code or "") as child:
        for report in _reports(child):
            if "case" in report:
                checked += 1
                right += not report["wrong"]
                verdict = "wrong " if report["wrong"] else "right "
                print(verdict, f"{report['case']}{': ' if report['wrong'] else ''}{report['wrong']}", flush=True)
            elif "stopped" in report:
                raise KeyboardInterrupt
            elif "unusable" in report:
                raise SpecError(report["unusable"])
            elif "line" in report or "no_line" in report:
                line, no_line = str(report.get("line", "")), str(report.get("no_line", ""))
            elif "failed" in report:
                print("error:", report["failed"], file=sys.stderr)
                return 1
            elif report["checked"] == checked:
                print(f"{right} of {checked} right")
                if code is not None:
                    _print_line(line, no_line or "correct what is wrong first")
                return 0 if right == checked and not no_line else 1
        status = child.wait()
    if status in (-signal.SIGINT, CONTROL_C_EXIT):
        raise KeyboardInterrupt
    print("error:", _ended(path.name, status), file=sys.stderr)
    return 1


def _print_line(line: str, problem: str) -> None:
    """The line to paste, or why there is none."""
    if line:
        print("Paste this line on the Exercise page, in stage 2:", line, sep="\n")
    else:
        print("There is no line to paste:", problem)


def _ended(name: str, status: int) -> str:
    """Why there is no verdict, in one line."""
    if status >= 0:
        return (
            f"{name} ended Python itself (exit status {status}) before all models were counted; "
            "remove os._exit and the like"
        )
    try:
        by = signal.Signals(-status).name
    except ValueError:
        by = f"signal {-status}"
    return (
        f"Python was ended by {by} before all models were counted; {name} crashed it, took too much memory, or "
        "sent the signal: correct that"
    )


def _reports(child: subprocess.Popen[str]) -> Iterator[dict[str, str | int]]:
    assert child.stdout is not None
    for line in child.stdout:
        if line.endswith("\n"):  # a child that was ended may leave half a line
            yield parsed(line, "the check's report")


@contextmanager
def _child(path: Path, home: Path | None, code: str) -> Iterator[subprocess.Popen[str]]:
    """The process that runs the file. It has ended when this block ends."""
    search = json.dumps([os.path.abspath(folder) for folder in sys.path])
    command = [sys.executable, "-P", "-c", START, search, str(path), str(home or ""), code]
    with ExitStack() as at_end:
        with _ctrl_c_waits():
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8")
            at_end.callback(_end, child)
        yield child


def _end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C in this block arrives at its end, when there is a child to end. A child that begins here inherits that."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
