"""Made-up numbers of the tour: reference results, and reference results that hold them."""

from __future__ import annotations

from dataclasses import replace

from labcore.config.presets import HARD_WEIGHTS
from labcore.config.tour_students import TOUR_SPECS
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed
from labcore.guide.tour import STOPS
from labcore.guide.tour.stop import AtSize, Compare, ReferenceFigures
from labcore.results.evaluation import SeedMean
from labcore.results.events import Validation
from labcore.results.run import FinishedRun
from tests.shared.reference import reference_of
from tests.shared.runs import FINISHED, PAIR


def made_up() -> ReferenceFigures:
    """Reference results of round numbers."""
    arms = list(TOUR_SPECS)
    pairs = [stop.act.arms for stop in STOPS if isinstance(stop.act, Compare)]
    return ReferenceFigures(
        teacher=0.84,
        seeds=3,
        ratios={"yours": 0.55, "half, from the teacher": 0.32, "tiny": 0.02},
        accuracies={arm: SeedMean(3, 0.7 - i / 50, 0.01) for i, arm in enumerate(arms)},
        verdicts=dict.fromkeys(pairs, "higher"),
        differences={pair: SeedMean(3, 0.02, 0.01) for pair in pairs},
        validations=dict.fromkeys(arms, (0.5, 0.7)),
        best_step=60,
        losses=dict.fromkeys(arms, (0.5, 0.8)),
        by_size=tuple(
            AtSize(ratio=ratio, steps=300, accuracy=SeedMean(3, 0.8, 0.01), gain=SeedMean(3, 0.02, 0.01))
            for ratio in (0.02, 0.8)
        ),
        misled={hard: SeedMean(3, 0.2 + hard / 2, 0.02) for hard in HARD_WEIGHTS},
    )


def tour_reference() -> ReferenceResults:
    """Reference results of the tour: each arm two points below the one before, three seeds a point apart."""
    runs, validations = [], {}
    for i, (arm, spec) in enumerate(TOUR_SPECS.items()):
        for seed in (0, 1, 2):
            run_id, accuracy = f"{arm}-{seed}", 0.7 - i / 50 + seed / 100
            result = replace(FINISHED, run=run_id, accuracy=accuracy)
            seeded = with_seed(spec, seed)
            runs.append(FinishedRun(id=run_id, spec=seeded, created="2026", counts=PAIR, result=result))
            validations[run_id] = tuple(_validation(step, accuracy) for step in range(0, 41, 10))
    return reference_of("tour", runs, validations=validations)


def _validation(step: int, end: float) -> Validation:
    """Accuracy rises in a line from one half to its end; the loss is lowest in the middle."""
    return Validation(
        step=step,
        accuracy=0.5 + (end - 0.5) * step / 40,
        agreement=0.6,
        loss=0.5 + abs(step - 20) / 100,
        teacher_accuracy=0.84,
        best=True,
    )
