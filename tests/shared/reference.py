"""Reference results with made-up figures: of capacity, of assistants, of mimicry and of the monitor."""

from __future__ import annotations

from dataclasses import replace

from labcore.config.presets import MITIGATIONS, SWEEPS
from labcore.config.spec import Spec
from labcore.evaluate import reference
from labcore.evaluate.capacity_gap import SizeResult
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed
from labcore.results.evaluation import ConfidenceCalibration, Effect, ErrorOverlap, Evaluation, ShortcutTest, Verdict
from labcore.results.events import ConditionAccuracy
from labcore.results.run import FinishedRun
from labcore.runs.cache import counted
from tests.shared.runs import FINISHED, PAIR
from tests.shared.source_files import ROOT

NOTHING = ConfidenceCalibration(0.0, (), (), ())


OVERLAP = ErrorOverlap(kept=800, new=100, corrected=50, inherited=150, other=0)


EVALUATION = Evaluation(
    probability_loyalty=0.9,
    error_overlap=OVERLAP,
    student_calibration=NOTHING,
    teacher_calibration=NOTHING,
    student_confusion=((1,),),
    teacher_confusion=((1,),),
    most_divergent=(),
)


def run_with(spec: Spec, accuracy: float, read: ConditionAccuracy | None = None) -> FinishedRun:
    """A finished run, its counts those of its design."""
    name = f"{spec.teacher}-{hash(spec)}"
    done = replace(FINISHED, run=name, accuracy=accuracy, agreement=0.9, evaluation=EVALUATION, conditions=read)
    return FinishedRun(
        id=name,
        spec=spec,
        created="2026",
        counts=PAIR if spec.teacher.startswith("cued") else counted(spec),
        result=done,
    )


def reference_of(name: str, runs: list[FinishedRun], **more: object) -> ReferenceResults:
    return ReferenceResults(
        name=name,
        machine="a machine",
        date="2026-01-02",
        command=f"python -m labcore sweep {name}",
        runs=tuple(runs),
        **more,  # type: ignore[arg-type]
    )


def read(clean: float, agrees: float, contradicts: float, step: int = 600) -> ConditionAccuracy:
    accuracy = {"clean": clean, "agrees": agrees, "contradicts": contradicts}
    same = {name: 1 - abs(fraction - 0.5) for name, fraction in accuracy.items()}
    return ConditionAccuracy(step, accuracy, same, {"clean": 0.62, "agrees": 0.99, "contradicts": 0.13})


def cued_reference(verdicts: dict[float, Verdict]) -> ReferenceResults:
    specs = [spec for spec in SWEEPS["mimicry"] if spec.teacher == "cued-95"]
    runs, along, verdicts_of = [], {}, {}
    for spec in specs:
        hard = spec.distil.hard
        for seed in (0, 1, 2):
            end = read(0.6 + hard / 5, 0.99 - hard / 5, 0.1 + 0.7 * hard + seed / 100)
            made = run_with(with_seed(spec, seed), 0.6, end)
            runs.append(made)
            along[made.id] = tuple(read(0.5, 0.9, 0.1 * step + seed / 100, step) for step in (0, 1, 2))
            nothing = Effect(towards=1, moved=0.1, clean=0.8, agrees=0.8, contradicts=0.8, low=0.0, high=0.0)
            verdicts_of[made.id] = ShortcutTest(
                word="thursday",
                examples=500,
                student=nothing,
                teacher=nothing,
                no_teacher=None,
                misled=0,
                followed=None,
                verdict=verdicts[hard],
            )
    return reference_of("mimicry", runs, conditions=along, shortcut_tests=verdicts_of)


VERDICTS: dict[float, Verdict] = {0.0: "mimics", 0.2: "not misled", 0.5: "cannot tell", 0.8: "mimics", 1.0: "mimics"}


def monitor_reference() -> ReferenceResults:
    """Each mitigation gains a tenth more than the one before if the word contradicts; the last gains by chance."""
    runs = []
    for i, spec in enumerate(SWEEPS["monitor"]):
        if spec in MITIGATIONS.values():
            last = spec == list(MITIGATIONS.values())[-1]
            for seed in (0, 1, 2):
                shift = (-0.05, 0.0, 0.08)[seed] if last else 0.1 * (i // 2 + 1)
                runs.append(run_with(with_seed(spec, seed), 0.6, read(0.7, 0.9, 0.24 + shift + seed / 100)))
    return reference_of("monitor", runs)


def ship(made: ReferenceResults) -> None:
    reference.write(made, reference.FOLDER / f"{made.name}.json")


def capacity_reference() -> ReferenceResults:
    """Reference results of three sizes, two seeds each, with made-up numbers."""
    sizes = [
        run_with(with_seed(spec, seed), 0.75 + i / 100 + seed / 500)
        for i, spec in enumerate(SWEEPS["capacity"][:6])
        for seed in (0, 1)
    ]
    return reference_of("capacity", sizes)


def page_references() -> tuple[ReferenceResults, ReferenceResults, ReferenceResults]:
    """Reference results of the pages Capacity and Mimicry, with made-up numbers."""
    chains = [run_with(with_seed(spec, seed), 0.75 + seed / 500) for spec in SWEEPS["assistant"] for seed in (0, 1)]
    return capacity_reference(), reference_of("assistant", chains), cued_reference(VERDICTS)


def size(
    ratio: float, distilled: tuple[float, ...], no_teacher: tuple[float, ...] = (), gap_variance: float = 1e-4
) -> SizeResult:
    """A student of this size, of a teacher with an accuracy of 84 %."""
    return SizeResult(
        spec=Spec(),
        parameters=int(1e7 * ratio),
        ratio=ratio,
        steps=500,
        teacher_accuracy=0.84,
        distilled=distilled,
        no_teacher=no_teacher or distilled,
        gap_variance=gap_variance,
    )


SHIPPED = ROOT / "labcore/evaluate/reference_results"
