"""Notes on standard error about what a spec asks for without effect."""

from __future__ import annotations

import sys

from labcore.config.spec import Spec


def print_ineffective_steps(spec: Spec) -> None:
    """Print which steps change nothing. Settings of the training are left out: the command does not train."""
    from labcore.runs.ineffective_steps import notes

    for note in notes(spec):
        if note.in_steps:
            print(f"note: {note.field} has no effect: {note.words}", file=sys.stderr)


def print_ineffective(spec: Spec, path: str) -> None:
    """Print every setting and step without effect. path: of this spec within the one that was given."""
    from labcore.runs.ineffective_steps import notes

    for note in notes(spec):
        print(f"note: {path}{note.field} has no effect: {note.words}", file=sys.stderr)
