"""The Pareto front of accuracy and size: points, one for each design, and those that no other beats."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.seed_groups import design_of, without_reruns
from labcore.evaluate.training_length import TrainingLength, much_shorter, training_length
from labcore.results.counts import Counts
from labcore.results.run import FinishedRun, Run, finished_runs

Size = Literal["total", "nonzero", "macs", "sparse"]
TEACHER_POINT = "teacher"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A model on the frontier: its size, and its test accuracy, the mean if there are several seeds.

    id: of its newest run, or TEACHER_POINT. runs: the ids of all its runs, with reruns of a seed. seeds: the accuracy
    of each seed, by its newest run. shipped: whether it came with the lab. other: whether somebody else made it.
    length: of the training, if it is known. short: whether that was much shorter than the training of the student's
    like, see labcore.evaluate.training_length.
    """

    id: str
    name: str
    size: int
    accuracy: float
    runs: tuple[str, ...] = ()
    seeds: tuple[float, ...] = ()
    shipped: bool = False
    other: bool = False
    length: TrainingLength | None = None
    short: bool = False

    def has_run(self, run_id: str | None) -> bool:
        """Whether this run is one of the point's."""
        return run_id is not None and run_id in (self.id, *self.runs)


def design_points(
    runs: Sequence[Run], size: Size, names: Mapping[str, str], shipped: Collection[str] = ()
) -> list[Point]:
    """The finished runs as points, one for each design and teacher, with the names of their newest runs.

    Each seed counts once, by its newest run. A run of an earlier version that did not store this size is left out.
    names: by run id. shipped: ids of the runs that came with the lab; they are points of their own.
    """
    designs: dict[object, list[FinishedRun]] = {}
    for run in finished_runs(runs):
        designs.setdefault((design_of(run), run.id in shipped), []).append(run)
    short = much_shorter(finished_runs(runs), shipped)
    points = []
    for group in designs.values():
        newest = max(group, key=lambda run: (run.created, run.id))
        if not (measured := size_of(newest.counts.student, size)):
            continue
        seeds = tuple(run.result.accuracy for run in without_reruns(group))
        point = Point(
            id=newest.id,
            name=names[newest.id],
            size=measured,
            accuracy=sum(seeds) / len(seeds),
            runs=tuple(run.id for run in group),
            seeds=seeds,
            shipped=newest.id in shipped,
            length=training_length(newest),
            short=newest.id in short,
        )
        points.append(point)
    return points


def teacher_points(runs: Sequence[Run], size: Size, names: Mapping[tuple[str, str | None], str]) -> list[Point]:
    """The teachers of the finished runs, each once; two with one name but different files are two.

    names: by `teacher_of`.
    """
    teachers = {
        teacher_of(run): Point(
            id=TEACHER_POINT, name=names[teacher_of(run)], size=measured, accuracy=run.result.teacher_accuracy
        )
        for run in finished_runs(runs)
        if (measured := size_of(run.counts.teacher, size))
    }
    return list(teachers.values())


def size_of(counts: Counts, size: Size) -> int | None:
    """One of a model's sizes; None if its run did not store it. Raises ValueError if the size is unknown."""
    match size:
        case "total":
            return counts.total
        case "nonzero":
            return counts.nonzero
        case "macs":
            return counts.cost.macs if counts.cost else None
        case "sparse":
            return counts.cost.bytes["sparse"] if counts.cost else None
        case _:
            raise ValueError(f"size {size!r} is unknown")


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats: none is as small or smaller and as accurate or more. Smallest first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.size, -p.accuracy)):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return front
