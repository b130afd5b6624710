"""Sweeps of a teacher of your own: the reference students, scaled to its sizes; and the runs that they still lack.

A sweep is its specs: nothing else of it is stored. So it goes on after a restart with the runs that finished before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from labcore.config.presets import CAPACITIES, HARD_WEIGHTS, SWEEPS, Shape
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Manual, Step, TrimVocabulary
from labcore.data.tasks import load_task
from labcore.evaluate.seed_groups import seed_group, with_seed
from labcore.models.architecture import Architecture
from labcore.results.run import FinishedRun, Run, finished_runs
from labcore.teacher.built_in import MINILM, has_weights
from labcore.teacher.task_of import task_of

MOST_EPOCHS, FEWEST_STEPS = 20, 60  # of a training without a transfer set
CHEAPEST = 0.25  # of the reference's steps, however large the teacher is
LONG = 600  # steps of a student of half its teacher's sizes, with as many examples as the reference's
SEEDS, MAX_SEEDS = 2, 5  # the default, and the most that a page offers
Pair = tuple[Spec, Spec]  # a student distilled from its teacher, and its no-teacher baseline; seed 0


# -- its specs ---------------------------------------------------------------------------------------


def capacity_pairs(
    teacher: str, task: str, sizes: Architecture, examples: int, *, trimmed: bool = True
) -> tuple[Pair, ...]:
    """Students of rising size of a teacher with these sizes.

    examples: of the training split. trimmed: whether they have fewer tokens. No transfer set is read, because data of
    your own have none. Shapes that become equal in a small teacher, or equal to the teacher, are left out.
    """
    pairs: dict[tuple[Step, ...], Pair] = {}
    for index, (shape, steps) in enumerate(CAPACITIES):
        manual = _scaled(shape, sizes)
        if manual.architecture(sizes) == sizes:
            continue
        tokens = max(1, round(shape.tokens * sizes.vocabulary / MINILM.vocabulary))
        made: tuple[Step, ...] = (TrimVocabulary(size=tokens), manual) if trimmed else (manual,)
        length = _steps(steps, sizes, examples)
        distilled, baseline = (
            replace(each, teacher=teacher, task=task, steps=made, distil=replace(each.distil, transfer=0, steps=length))
            for each in SWEEPS["capacity"][2 * index : 2 * index + 2]
        )
        pairs.setdefault(made, (distilled, baseline))
    return tuple(pairs.values())


def _scaled(shape: Shape, sizes: Architecture) -> Manual:
    """The shape in the same proportion to the teacher as to MiniLM; a head stays as wide as the teacher's."""
    width = sizes.hidden // sizes.heads
    heads = max(1, round(shape.hidden / MINILM.hidden * sizes.heads))
    return Manual(
        hidden=heads * width,
        layers=max(1, round(shape.layers / MINILM.layers * sizes.layers)),
        heads=heads,
        intermediate=max(1, round(heads * width * sizes.intermediate / sizes.hidden)),
        init="teacher",
    )


def _steps(reference: int, sizes: Architecture, examples: int) -> int:
    """The training steps: fewer for a larger teacher, whose students cost more, and for few examples."""
    cost = sizes.layers * sizes.hidden**2 / (MINILM.layers * MINILM.hidden**2)
    scaled = round(reference * min(1.0, max(CHEAPEST, 1 / cost)))
    batch = SWEEPS["capacity"][0].distil.batch_size
    return max(FEWEST_STEPS, min(scaled, MOST_EPOCHS * examples // batch))


def capacity_sweep(teacher: str) -> tuple[Pair, ...]:
    """The sweep for a teacher whose task is in the lab. A size that can't lose tokens keeps all of them.

    Raises SpecError if the teacher or its data are not here, if it has no weights, or if no size can be made.
    """
    from labcore.runs.cache import counted  # imports torch
    from labcore.runs.teacher_models import sizes_of

    task = _task_of(teacher)
    sizes, examples = sizes_of(teacher), len(load_task(task).splits["train"])
    trimmed, untrimmed = (capacity_pairs(teacher, task, sizes, examples, trimmed=each) for each in (True, False))
    made: dict[tuple[Step, ...], Pair] = {}
    reason: SpecError | None = None
    for pair in trimmed:
        same = next((each for each in untrimmed if each[0].steps == pair[0].steps[1:]), None)
        for candidate in filter(None, (pair, same)):
            try:
                counted(candidate[0])
            except SpecError as error:
                reason = error
                continue
            made.setdefault(candidate[0].steps, candidate)
            break
    if not made:
        raise SpecError(f"no student of the sweep can be made of teacher {teacher!r}: {reason or 'it is too small'}")
    return tuple(made.values())


def hard_weight_sweep(teacher: str) -> tuple[Spec, ...]:
    """Students of a teacher that learned a cue in your own data: the reference hard weights, half of every size.

    Raises SpecError if the teacher or its data are not here, if its task has no cue, or if the student can't be made.
    """
    from labcore.runs.cache import counted  # imports torch
    from labcore.runs.teacher_models import sizes_of

    task = _task_of(teacher)
    if not load_task(task).has_cue:
        raise SpecError(f"the data of teacher {teacher!r} have no cue; give a teacher that was made on cued data")
    sizes, examples = sizes_of(teacher), len(load_task(task).splits["train"])
    half = _scaled(Shape(MINILM.vocabulary, MINILM.hidden // 2, MINILM.layers // 2), sizes)
    config = DistilConfig(steps=_steps(LONG, sizes, examples))
    specs = tuple(
        Spec(teacher=teacher, task=task, steps=(half,), distil=replace(config, hard=hard, soft=round(1 - hard, 6)))
        for hard in HARD_WEIGHTS
    )
    counted(specs[0])
    return specs


def _task_of(teacher: str) -> str:
    task = task_of(teacher) if has_weights(teacher) else None
    if task is None:
        raise SpecError(
            f"the lab has no task of teacher {teacher!r}; give one with weights that was made or brought on the page "
            "Data"
        )
    return task


# -- its runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SweepRuns:
    """The runs of a sweep over some seeds. wanted: every spec, in the order in which they run.

    finished: those with a result. active: queued or running, in order. missing: specs with neither. failed: of the
    missing ones, the newest run that failed.
    """

    wanted: tuple[Spec, ...]
    finished: tuple[FinishedRun, ...]
    active: tuple[Run, ...]
    missing: tuple[Spec, ...]
    failed: Run | None = None


def sweep_runs(specs: Sequence[Spec], seeds: int, runs: Sequence[Run]) -> SweepRuns:
    """What a sweep over `seeds` seeds has of these runs, found by their specs and by the teacher's present files.

    specs: with seed 0. All specs of one seed come before the next seed.
    """
    there = {run.spec: run for spec in specs for run in seed_group(spec, runs).runs}
    wanted = tuple(with_seed(spec, seed) for seed in range(seeds) for spec in specs)
    have = [there[spec] for spec in wanted if spec in there]
    missing = tuple(spec for spec in wanted if spec not in there)
    lacking = set(missing)
    return SweepRuns(
        wanted=wanted,
        finished=tuple(finished_runs(have)),
        active=tuple(sorted((run for run in have if run.active), key=lambda run: run.id)),
        missing=missing,
        failed=next((run for run in runs if run.status == "failed" and run.spec in lacking), None),
    )


def comparable(now: SweepRuns) -> tuple[FinishedRun, ...]:
    """Of a sweep of pairs, the finished runs whose counterpart with the same seed has finished, too."""
    there = {run.spec for run in now.finished}
    pairs = zip(now.wanted[::2], now.wanted[1::2], strict=True)
    both = {spec for pair in pairs if there.issuperset(pair) for spec in pair}
    return tuple(run for run in now.finished if run.spec in both)


def seeds_begun(specs: Sequence[Spec], runs: Sequence[Run]) -> int:
    """How many seeds of the sweep somebody has begun: one more than the largest that finished or is active."""
    return max((run.spec.distil.seed + 1 for spec in specs for run in seed_group(spec, runs).runs), default=0)
