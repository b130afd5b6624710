"""The models without an encoder that ship with the lab: for each of its teachers, on the teacher's own task.

python -m benchmarks.anchors            # prints them
python -m benchmarks.anchors --write    # and replaces labcore/evaluate/reference_results/anchors.json
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from labcore.evaluate import reference
from labcore.evaluate.lower_anchors import FILE, AnchorKey, ShippedAnchors, anchor_key, write_anchors
from labcore.results.frontier_anchor import TokenVectorResult
from labcore.runs.token_vector_anchor import token_vector_anchor
from labcore.system.processor import machine
from labcore.system.progress import finish
from labcore.teacher.built_in import TEACHERS
from labcore.teacher.identity import identity_of
from labcore.teacher.task_of import task_of


def anchors() -> dict[AnchorKey, TokenVectorResult]:
    """All of them, computed now."""
    results = {}
    with tempfile.TemporaryDirectory() as targets:
        for teacher in TEACHERS:
            task, began = task_of(teacher), time.perf_counter()
            assert task is not None
            result = finish(token_vector_anchor(teacher, task, Path(targets)))
            results[anchor_key(identity_of(teacher), task)] = result
            print(
                f"{teacher}: {100 * result.accuracy:.1f} % accuracy, teacher {100 * result.teacher_accuracy:.1f} %, "
                f"agreement {100 * result.agreement:.1f} %, penalty {result.penalty:g}, "
                f"{result.counts.total:,} parameters, {time.perf_counter() - began:.1f} s"
            )
    return results


def main() -> None:
    """Print them, and write them if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="replace those that ship with the lab")
    options = parser.parse_args()
    results = anchors()
    if options.write:
        origin = f"recorded on {datetime.now(UTC):%Y-%m-%d}, {machine()}: `python -m benchmarks.anchors --write`"
        write_anchors(ShippedAnchors(origin, results), reference.FOLDER / FILE)


if __name__ == "__main__":
    main()
