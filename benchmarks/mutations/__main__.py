"""Print the table of mutations: `python -m benchmarks.mutations`."""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

from benchmarks.mutations.folders import good_folder
from benchmarks.mutations.outcome import Outcome, outcome_of, quiet


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    quiet()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    examples: dict[str, Outcome] = {}
    faults = []
    with tempfile.TemporaryDirectory() as home:
        good = good_folder(Path(home) / "good")
        for i in range(options.n):
            folder = Path(home) / "changed"
            outcome = outcome_of(good, folder, random.Random(f"{options.seed} {i}"))
            shutil.rmtree(folder)
            counts[outcome.kind]["wrong" if outcome.wrong else "refused" if outcome.line else "equal"] += 1
            if outcome.wrong:
                faults.append(outcome)
            elif outcome.line:
                line = outcome.line.replace(str(folder), "FOLDER")
                examples.setdefault(outcome.kind, replace(outcome, line=line))
    print("| change | tried | transformers' logits | one line | neither |\n|---|---|---|---|---|")
    for kind, of in sorted(counts.items()):
        print(f"| {kind.replace('_', ' ')} | {of.total()} | {of['equal']} | {of['refused']} | {of['wrong']} |")
    total = sum((of for of in counts.values()), Counter[str]())
    print(f"| all | {total.total()} | {total['equal']} | {total['refused']} | {total['wrong']} |\n")
    for kind, example in sorted(examples.items()):
        print(f"- {kind.replace('_', ' ')} ({example.change}): {example.line}")
    for fault in faults:
        print(f"NEITHER: {fault.kind} ({fault.change}): {fault.wrong} {fault.line}")


if __name__ == "__main__":
    main()
