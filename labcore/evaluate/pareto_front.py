"""The Pareto front of quality and cost: points, one for each design, and those that no other beats."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from labcore.evaluate.frontier_axes import Axes, cost_of, quality_error, quality_of, teacher_quality
from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.seed_groups import design_of, without_reruns
from labcore.evaluate.training_length import TrainingLength, much_shorter, training_length
from labcore.results.frontier_measured import TimeAndMemory
from labcore.results.run import FinishedRun, Run, finished_runs

TEACHER_POINT = "teacher"
Teacher = tuple[str, str | None]  # as `teacher_of` returns it


@dataclass(frozen=True, kw_only=True)
class Point:
    """A model on the frontier: its cost and its quality by the frontier's axes, the mean if there are several seeds.

    id: of its newest run, or TEACHER_POINT. runs: the ids of all its runs, with reruns of a seed. seeds: the quality
    of each seed, by its newest run. shipped: whether it came with the lab. other: whether somebody else made it.
    length: of the training, if it is known. short: whether that was much shorter than the training of the student's
    like, see labcore.evaluate.training_length. teacher_accuracy: of its teacher, for the error of a retention.
    """

    id: str
    name: str
    cost: float
    quality: float
    runs: tuple[str, ...] = ()
    seeds: tuple[float, ...] = ()
    shipped: bool = False
    other: bool = False
    length: TrainingLength | None = None
    short: bool = False
    teacher_accuracy: float = 0.0

    def has_run(self, run_id: str | None) -> bool:
        """Whether this run is one of the point's."""
        return run_id is not None and run_id in (self.id, *self.runs)

    def error(self, axes: Axes, examples: int) -> float | None:
        """The standard error of its quality over the test examples; None if it is not known.

        A teacher has none by a measure that compares it with itself.
        """
        if self.id == TEACHER_POINT and axes.quality != "accuracy":
            return None
        return quality_error(self.quality, axes.quality, examples, self.teacher_accuracy)


@dataclass(frozen=True)
class Measurements:
    """What was measured on this machine: by the id of a run, and of each teacher."""

    runs: Mapping[str, TimeAndMemory] = field(default_factory=dict)
    teachers: Mapping[Teacher, TimeAndMemory] = field(default_factory=dict)


def design_points(
    runs: Sequence[Run],
    axes: Axes,
    names: Mapping[str, str],
    shipped: Collection[str] = (),
    measured: Measurements | None = None,
) -> list[Point]:
    """The finished runs as points, one for each design and teacher, with the names of their newest runs.

    Each seed counts once, by its newest run. A run without a figure on one of the axes has no point; see `without`.
    names: by run id. shipped: ids of the runs that came with the lab; they are points of their own.
    """
    designs: dict[object, list[FinishedRun]] = {}
    for run in finished_runs(runs):
        if run_is_on(run, axes, measured):
            designs.setdefault((design_of(run), run.id in shipped), []).append(run)
    short = much_shorter(finished_runs(runs), shipped)
    return [_point(group, axes, names, shipped, short, measured) for group in designs.values()]


def _point(
    group: Sequence[FinishedRun],
    axes: Axes,
    names: Mapping[str, str],
    shipped: Collection[str],
    short: Collection[str],
    measured: Measurements | None,
) -> Point:
    newest = max(group, key=lambda run: (run.created, run.id))
    cost = _cost(newest, axes, measured)
    qualities = (quality_of(run.result, axes.quality) for run in without_reruns(group))
    seeds = tuple(quality for quality in qualities if quality is not None)
    assert cost is not None
    return Point(
        id=newest.id,
        name=names[newest.id],
        cost=cost,
        quality=sum(seeds) / len(seeds),
        runs=tuple(run.id for run in group),
        seeds=seeds,
        shipped=newest.id in shipped,
        length=training_length(newest),
        short=newest.id in short,
        teacher_accuracy=newest.result.teacher_accuracy,
    )


def run_is_on(run: FinishedRun, axes: Axes, measured: Measurements | None = None) -> bool:
    """Whether a run has a figure on both axes."""
    return bool(_cost(run, axes, measured)) and quality_of(run.result, axes.quality) is not None


def without(
    runs: Sequence[FinishedRun], axes: Axes, measured: Measurements | None = None
) -> tuple[list[FinishedRun], list[FinishedRun]]:
    """The runs that have no point: those without a cost, and of the others those without a quality."""
    no_cost, no_quality = [], []
    for run in runs:
        if not _cost(run, axes, measured):
            no_cost.append(run)
        elif quality_of(run.result, axes.quality) is None:
            no_quality.append(run)
    return no_cost, no_quality


def _cost(run: FinishedRun, axes: Axes, measured: Measurements | None) -> float | None:
    return cost_of(run.counts.student, axes.cost, measured.runs.get(run.id) if measured else None)


def teacher_points(
    runs: Sequence[Run], axes: Axes, names: Mapping[Teacher, str], measured: Measurements | None = None
) -> list[Point]:
    """The teachers of the finished runs, each once; two with one name but different files are two.

    names: by `teacher_of`.
    """
    teachers: dict[Teacher, Point] = {}
    for run in finished_runs(runs):
        teacher = teacher_of(run)
        if cost := cost_of(run.counts.teacher, axes.cost, measured.teachers.get(teacher) if measured else None):
            teachers[teacher] = Point(
                id=TEACHER_POINT,
                name=names[teacher],
                cost=cost,
                quality=teacher_quality(run.result, axes.quality),
                teacher_accuracy=run.result.teacher_accuracy,
            )
    return list(teachers.values())


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats: none costs as little or less and is as good or better. The cheapest first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.cost, -p.quality)):
        if not front or point.quality > front[-1].quality:
            front.append(point)
    return front
