"""The recorded frontier as a table: what the sweep that ships with the lab came to, by design.

    python -m benchmarks.frontier [FILE]

`python -m labcore sweep frontier` makes the recording anew. Accuracy on test: the mean over seeds ± half of its 95 %
interval (Student's t). Size, retention and agreement are shares of, or with, the teacher. Seconds: the longest run's,
with everything in it.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from labcore.distil.paired import over_seeds
from labcore.runs import recorded
from labcore.runs.recorded import Recording
from labcore.runs.series import series_of, with_seed
from labcore.views.words import student_in_words


def table(recording: Recording) -> str:
    """A row for each design, smallest first."""
    lines = [
        "| student | parameters | size | seeds | steps | accuracy | retention | agreement | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    designs = {with_seed(run.spec, 0) for run in recording.runs}
    rows = []
    for spec in designs:
        series = series_of(spec, recording.runs)
        counts, results = series.runs[0].counts, [run.result for run in series.runs if run.result]
        assert counts is not None
        found = over_seeds(series.accuracies)
        spread = "" if found.half is None else f" ± {found.half:.4f}"
        retention = found.mean / results[0].teacher["accuracy"]
        agreement = statistics.mean(result.student["agreement"] for result in results)
        rows.append(
            (
                counts.student.total,
                f"| {student_in_words(spec)} | {counts.student.total:,} | {counts.ratio:.1%} | {found.n} | {spec.distil.steps:,} "
                f"| {found.mean:.4f}{spread} | {retention:.1%} | {agreement:.1%} | {max(r.seconds for r in results):.0f} |",
            )
        )
    return "\n".join([*lines, *(row for _, row in sorted(rows))])


def main() -> None:
    """Read and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=recorded.FOLDER / "frontier.json")
    recording = recorded.read(parser.parse_args().file)
    print(f"{recording.origin[0].upper()}{recording.origin[1:]}\n\n{table(recording)}")


if __name__ == "__main__":
    main()
