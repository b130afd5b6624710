"""The process that runs a person's file and reports to the grader, which started it (`counting_process.py`).

Reports are JSON objects, one a line: {"case", "wrong"} for each model, then one that ends them: {"checked": their
number}, {"unusable": why the file can't be graded}, {"failed": what went wrong in the lab}, or {"stopped": true}. If
every case is right and the counts are for an attempt, {"line"} or {"no_line": why} comes before the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from labcore.system.host import end_with_parent


def main(path: str, home: str, code: str) -> None:
    """Check the function in the file at `path`, and report.

    home: the folder of the log, or "" for the default one. code: of the attempt that the counts are for, or "".
    """
    end_with_parent()  # the grader may be killed, as by a time limit: a function that never ends must not outlive it
    reports = _own_output()
    try:
        for report in _reports(Path(path), home, code):
            print(json.dumps(report), file=reports, flush=True)
    except OSError:  # the grader has gone, or the file has closed what is not its own
        os._exit(1)


def _reports(path: Path, home: str, code: str) -> Iterator[Mapping[str, str | int]]:
    try:
        from labcore.exercise.counting_check import check, load_counter

        checked, all_right, counter = 0, True, load_counter(path)
        for outcome in check(counter):
            checked += 1
            all_right &= outcome.passed
            yield {"case": outcome.case, "wrong": outcome.wrong}
        if code and all_right:
            from labcore.exercise.counting_proof import NoProof, counting_line

            try:
                yield {"line": counting_line(counter, code)}
            except NoProof as error:
                yield {"no_line": str(error)}
        yield {"checked": checked}
    except KeyboardInterrupt:  # Ctrl-C ends this process at once: the file has raised it
        yield {"stopped": True}
    except Exception as error:
        yield _failed(error, home)


def _failed(error: Exception, home: str) -> Mapping[str, str]:
    """What went wrong outside the function, in one line."""
    from labcore.config.checks import SpecError
    from labcore.system.faults import reported
    from labcore.system.home import default_home

    error_line = reported(error, Path(home) if home else default_home(), "python -m labcore grade")
    return {"unusable" if isinstance(error, (SpecError, OSError)) else "failed": error_line}


def _own_output() -> TextIO:
    """Standard output, for reports only: all else that writes there, also past Python, writes to standard error."""
    reports = open(os.dup(1), "w", encoding="utf-8")  # noqa: SIM115 -- open as long as the process
    os.dup2(2, 1)
    return reports
