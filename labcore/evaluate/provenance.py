"""Whether the teacher that a run was distilled from is the one that its name leads to now."""

from __future__ import annotations

from labcore.results.run import Run
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.identity import known_identity


def teacher_of(run: Run) -> tuple[str, str | None]:
    """The name of a run's teacher, and the identity of the files that the run read. Together they identify a teacher.

    The identity is None if a run has yet to read its teacher, but the teacher is missing. Earlier versions did not
    store identities: it is also None for their runs, unless the teacher is built in.
    """
    name = run.spec.teacher
    if run.teacher is None and (name in BUILT_IN or run.active):
        return name, known_identity(name)
    return name, run.teacher


def teacher_unchanged(run: Run) -> bool:
    """Whether the teacher's files are those that the run read.

    If so, the run stands for its spec, and its student can be an assistant.

    Runs of an earlier version do not store which files they read. If their teacher is built in, they count as
    unchanged, else not. A run that has not read its teacher yet will read the present one.
    """
    if run.teacher is None:
        return run.spec.teacher in BUILT_IN or run.active
    return run.teacher == known_identity(run.spec.teacher)


def teacher_gone_in_words(run: Run) -> str:
    """A warning about a run whose teacher is not the one that it was distilled from.

    Empty if it is, or if the run read none.
    """
    if teacher_unchanged(run):
        return ""
    if known_identity(run.spec.teacher) is None:
        return f"The teacher of this run, {run.spec.teacher}, is no longer where it was; put its folder back to use it."
    if run.teacher is None and run.counts is None:
        return ""
    if run.teacher is None:
        return (
            "An earlier version of the lab made this run and did not store which files its teacher had. So "
            f"{run.spec.teacher} may be another teacher now. Run its settings again for the present one."
        )
    return (
        f"The files of the teacher {run.spec.teacher} were replaced after this run, so it is another teacher now. The "
        "run's figures are still those of its own teacher; run its settings again for the present one."
    )
