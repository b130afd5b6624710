"""Names of runs: the one that somebody gave, or the short name of the student; in one list, different by design."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.seed_groups import design_of, with_seed
from labcore.results.run import Run
from labcore.views.student_names import distinct_names, numbered, student_name
from labcore.views.teacher_names import teacher_column


def run_name(run: Run) -> str:
    """The name of a run beside no other: the one that somebody gave it, or its student's short name."""
    return run.name or student_name(run.spec)


def run_names(runs: Sequence[Run]) -> dict[str, str]:
    """The name of each run by its id, for a list of these runs; different for different designs.

    A name that somebody gave goes first. If the runs have several teachers, a name ends with its teacher's.
    """
    by_teacher: dict[object, list[Spec]] = {}
    for run in runs:
        by_teacher.setdefault(teacher_of(run), []).append(run.spec)
    of_teacher = {teacher: distinct_names(specs) for teacher, specs in by_teacher.items()}
    teachers = teacher_column(runs)
    made = {run.id: of_teacher[teacher_of(run)][with_seed(run.spec, 0)] for run in runs}
    given: dict[str, set[Hashable]] = {}
    for run in runs:
        given.setdefault(run.name or made[run.id], set()).add(design_of(run))

    def named(run: Run) -> str:
        if run.name is None:
            name = made[run.id]
        else:
            name = run.name if len(given[run.name]) == 1 else f"{run.name} ({made[run.id]})"
        return name + (f" · teacher {teachers[run.id]}" if teachers else "")

    return numbered({run.id: (named(run), (run.spec.teacher, design_of(run))) for run in runs})


def names_of_designs(runs: Sequence[Run], shipped: Collection[str] = ()) -> dict[str, str]:
    """The name of each run's design by the run's id: that of its newest run with a name of its own, if there is one.

    shipped: ids of the runs that came with the lab. They do not share a name that somebody gave to an own run.
    """
    names = run_names(runs)

    def design(run: Run) -> Hashable:
        return run.spec.teacher, design_of(run), run.id in shipped

    newest = {design(run): run for run in sorted(runs, key=lambda run: (run.name is not None, run.created, run.id))}
    return {run.id: names[newest[design(run)].id] for run in runs}
