"""Evaluations and lower anchors made up, for what only draws them."""

from __future__ import annotations

from labcore.results.evaluation import ConfidenceCalibration, ErrorOverlap, Evaluation
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.results.frontier_measured import TimeAndMemory
from labcore.results.measurements import Latency
from tests.shared.runs import COUNTS

ANCHOR = TokenVectorResult(
    accuracy=0.7,
    teacher_accuracy=0.8,
    agreement=0.75,
    probability_loyalty=0.6,
    counts=COUNTS,
    penalty=0.1,
    validation_accuracy=0.72,
)


def evaluation(probability_loyalty: float) -> Evaluation:
    calibration = ConfidenceCalibration(0.0, (), (), ())
    return Evaluation(
        probability_loyalty=probability_loyalty,
        error_overlap=ErrorOverlap(kept=1, new=0, corrected=0, inherited=0, other=0),
        student_calibration=calibration,
        teacher_calibration=calibration,
        student_confusion=((1, 0), (0, 1)),
        teacher_confusion=((1, 0), (0, 1)),
        most_divergent=(),
    )


def measured(milliseconds: float, memory: int) -> TimeAndMemory:
    latency = Latency(batch=1, tokens=128, threads=1, runs=20, median_ms=milliseconds, p95_ms=milliseconds)
    return TimeAndMemory(latency=latency, peak_bytes=memory)
