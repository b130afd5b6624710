"""Changed files of labelled examples, and how far the lab takes each: a data set, one line, or a fault.

python -m benchmarks.mutations.files            # 400 of them, a table by change
python -m benchmarks.mutations.files --n 2000
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict

from benchmarks.mutations.data_files import CHANGES, changed_file
from benchmarks.mutations.data_outcome import MAX_SECONDS, outcome_of_file


def main() -> None:
    """Print the table, the slowest file, and each fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    faults, slowest = [], (0.0, "")
    for i in range(options.n):
        draw = random.Random(f"{options.seed} {i}")
        words, name, content = changed_file(draw)
        outcome = outcome_of_file(content, name, draw if i % 3 == 0 else None)
        wrong = outcome.wrong or (f"took {outcome.seconds:.1f} s" if outcome.seconds > MAX_SECONDS else "")
        for change in words.split()[1:]:
            counts[change]["fault" if wrong else "line" if outcome.line else "data set"] += 1
        slowest = max(slowest, (outcome.seconds, words))
        if wrong:
            faults.append(f"FAULT: {i} ({words}, named {name!r}): {wrong}")
    print("| change | tried | data set | one line | fault |\n|---|---|---|---|---|")
    for change in (each.__name__ for each in dict.fromkeys(CHANGES)):
        of = counts[change]
        print(f"| {change.replace('_', ' ')} | {of.total()} | {of['data set']} | {of['line']} | {of['fault']} |")
    print(f"\nThe slowest took {slowest[0]:.1f} s ({slowest[1]}).")
    print(*faults, sep="\n")


if __name__ == "__main__":
    main()
