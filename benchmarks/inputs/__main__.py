"""Print the table of inputs: `python -m benchmarks.inputs`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import hypothesis
from hypothesis import HealthCheck, Phase

if TYPE_CHECKING:  # the home is set before it is imported
    from benchmarks.inputs.kinds import Kind


@dataclass
class Tally:
    """What came of a kind's inputs, and for each place in the code that failed otherwise an input and its error."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


def tried(kind: Kind, n: int, seed: int) -> Tally:
    """Try `n` inputs of a kind."""
    from benchmarks.inputs.clear import check_clear

    tally = Tally()

    def take(value: object) -> None:
        try:
            tally.counts["valid" if kind.take(value) else "clear"] += 1
        except Exception as error:
            try:
                check_clear(error)
                tally.counts["clear"] += 1
            except Exception:
                tally.counts["other"] += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{type(error).__name__} at {place.filename}:{place.lineno}"
                shown = "".join(traceback.format_exception(error)[-4:])
                tally.faults.setdefault(where, f"{value!r:.300}\n{shown:.1200}")

    quiet = hypothesis.settings(
        max_examples=n,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    hypothesis.seed(seed)(quiet(hypothesis.given(kind.inputs)(take)))()
    return tally


def main() -> int:
    """Print the table; 1 if an input gave neither a valid thing nor a clear error."""
    parser = argparse.ArgumentParser(description="Strange inputs: valid, or a clear error.")
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=(), metavar="KIND", help="kinds whose names contain these")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"LAB_HOME": f"{home}/lab", "LAB_DEVICE": "cpu"}
        from benchmarks.inputs.kinds import kinds

        began, total, faults = time.monotonic(), Counter[str](), []
        chosen = [kind for kind in kinds() if not options.only or any(name in kind.name for name in options.only)]
        parts = sum(kind.share for kind in chosen)
        print("| kind | tried | valid | clear error, or nothing of that name | other |\n|---|---|---|---|---|")
        for kind in chosen:
            tally = tried(kind, -(-options.n * kind.share // parts), options.seed)
            total += tally.counts
            faults += [f"OTHER: {kind.name}: {where}: {fault}" for where, fault in tally.faults.items()]
            print(f"| {kind.name} | {_row(tally.counts)} |", flush=True)
        print(f"| all | {_row(total)} |\n\n{time.monotonic() - began:.0f} s")
    print("\n".join(faults))
    return 1 if faults else 0


def _row(counts: Counter[str]) -> str:
    numbers = [counts.total(), *(counts[name] for name in ("valid", "clear", "other"))]
    return " | ".join(f"{number:,}" for number in numbers)


if __name__ == "__main__":
    sys.exit(main())
