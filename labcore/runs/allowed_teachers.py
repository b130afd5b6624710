"""Which teachers a page may load: built-in ones, and those that somebody brought with the command line.

A link may hold any path. A page that loaded it would let every visitor look into the server's folders.
"""

from __future__ import annotations

from collections.abc import Iterable

from labcore.config.checks import shown
from labcore.config.spec import SpecError
from labcore.results.run import Run
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.identity import known_identity
from labcore.teacher.own_teachers import is_own, ready_entry


def brought(teacher: str, runs: Iterable[Run]) -> bool:
    """Whether a run has read this teacher: then somebody with access to its folder has brought it to the lab."""
    return any(run.spec.teacher == teacher and run.counts is not None for run in runs)


def check_allowed(teacher: str, runs: Iterable[Run]) -> None:
    """Raises SpecError if the teacher is neither built in nor brought, without a look at its path, or if it is gone.

    A teacher of your own has an entry in this lab, so its name (`own:<id>`) holds no path. runs: all of this store.
    """
    if teacher in BUILT_IN:
        return
    if is_own(teacher):
        ready_entry(teacher)
        return
    if not brought(teacher, runs):
        raise SpecError(
            f"teacher {shown(teacher)} is not built in, and no run of this lab has read it; in the browser give one of "
            f"{', '.join(BUILT_IN)}, or bring it first: run this spec with `python -m labcore run`"
        )
    if known_identity(teacher) is None:
        raise SpecError(gone_in_words(teacher))


def gone_in_words(teacher: str) -> str:
    """That a brought teacher is not on this machine any more, and what to do."""
    return f"teacher {shown(teacher)} is no longer where it was; put its folder back, or take another teacher"
