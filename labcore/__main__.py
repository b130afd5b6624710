"""The command line, for scripts and graders: `count`, `derive`, `run`, `resume`, `data`, `teacher`, `sweep`, …

Call one as `python -m labcore count`. Results are JSON on standard output, except for `sweep --recorded`, which prints
tables, and `grade`, which prints lines. A bad spec, teacher or file is one line on standard error and exit status 2.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from labcore.commands import (
    count_verb,
    data_verb,
    database_verb,
    derive_verb,
    export_verb,
    finetune_verb,
    grade_verb,
    host_password_verb,
    resume_verb,
    run_verb,
    search_verb,
    sweep_verb,
    teacher_verb,
    tidy_verb,
)

VERBS = (  # as in the help
    count_verb,
    derive_verb,
    run_verb,
    resume_verb,
    data_verb,
    teacher_verb,
    sweep_verb,
    search_verb,
    export_verb,
    finetune_verb,
    grade_verb,
    host_password_verb,
    tidy_verb,
    database_verb,
)


def write_utf8() -> None:
    """Read and write UTF-8, also through a pipe on Windows, which would take the code page of its country."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m labcore", description="Derive, count and distil BERT students.")
    commands = parser.add_subparsers(dest="command", required=True)
    for verb in VERBS:
        verb.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.func(options)
        sys.stdout.flush()  # here, so that a full disk behind it is an error with a line of its own
        return status
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of the output has enough, as `head` has
        from labcore.commands.failure import give_up_output

        give_up_output()
        return 1
    except Exception as error:
        from labcore.commands.failure import report

        return report(error, options)


if __name__ == "__main__":
    # No page waits for this process, so torch's threads may look some microseconds for work before they sleep: a small
    # student trains a quarter faster. benchmarks/processor.py measures it. torch reads this when it is first imported.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    write_utf8()
    sys.exit(main())
