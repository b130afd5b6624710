"""From a file of labelled examples to a student on the frontier, as the page Data does it: time and accuracy.

`python -m benchmarks.own_data FILE [FILE …]` reads each file and makes a teacher by LoRA, with the defaults of the
page. It distils the student that the page proposes, half of the layers with the default training, with several seeds.
Intervals of one model are over test examples; those over seeds are of the mean (Student's t).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from os import environ
from pathlib import Path


def main() -> None:
    """Measure each file in a home of its own, and print a row for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, help="read no more of them, evenly spread")
    parser.add_argument("--tokens", type=int, help="of an example at most (default: as the page suggests)")
    options = parser.parse_args()
    print("| file | examples | classes | tokens | read | teacher made | student distilled | all | teacher | student |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for file in options.files:
        with tempfile.TemporaryDirectory() as home:
            environ["LAB_HOME"] = home
            print(_row(file, options.seeds, options.rows, options.tokens), flush=True)


def _row(file: Path, seeds: int, most: int | None, tokens: int | None) -> str:
    from labcore.compress.steps import layer_pruning  # noqa: F401  (torch is loaded before the clock starts)
    from labcore.config.finetuning import FineTuning
    from labcore.config.spec import Spec
    from labcore.config.steps import KeepLayers
    from labcore.data.own.columns import guess_columns
    from labcore.data.own.data_set import make_data_set
    from labcore.data.own.data_store import save
    from labcore.data.own.file_format import guess_format
    from labcore.data.own.table import Table, read_table
    from labcore.data.own.token_report import token_report
    from labcore.evaluate.seed_groups import with_seed
    from labcore.evaluate.significance import over_seeds
    from labcore.results.accuracy_error import half_interval
    from labcore.runs.cache import structure_of_design
    from labcore.runs.execute import execute_and_store
    from labcore.runs.make_teacher import make_teacher
    from labcore.runs.store import Store
    from labcore.runs.teacher_store import TeacherStore
    from labcore.teacher.load import load_tokenizer

    started = time.perf_counter()
    content = file.read_bytes()
    table = read_table(content, guess_format(content, file.name))
    if most is not None and len(table.rows) > most:
        rows = tuple(table.rows[i * len(table.rows) // most] for i in range(most))
        table = Table(table.columns, rows)
    made, report = make_data_set(table, guess_columns(table), file.stem, max_tokens=512, leave_out_small=True)
    limit = tokens or token_report(made.splits, load_tokenizer(), 512).suggested
    made = replace(made, max_tokens=limit, mean_tokens=min(limit, made.mean_tokens))
    save(made, report)
    read = time.perf_counter()

    store = TeacherStore()
    teacher = store.create_to_make(file.stem[:40], FineTuning(task=made.task))
    for _ in make_teacher(teacher, store):
        pass
    made_at = time.perf_counter()

    copied = Spec(teacher=teacher.name, task=made.task)
    spec = replace(copied, steps=(KeepLayers.default(structure_of_design(copied)),))
    runs, ended = Store(), []
    for seed in range(seeds):
        each = with_seed(spec, seed)
        run = runs.create(each)
        for _ in execute_and_store(each, run, runs):
            pass
        ended.append(time.perf_counter())
    results = [finished.result for finished in runs.finished_runs()]
    accuracies, of_teacher = [result.accuracy for result in results], results[0].teacher_accuracy
    tests = len(made.splits["test"])
    error, students = half_interval(of_teacher, tests), over_seeds(accuracies)
    over = f" ± {100 * students.half:.1f}" if students.half is not None else ""
    return (
        f"| {file.name} | {made.examples:,} | {len(made.label_names)} | {made.max_tokens} | {read - started:.0f} s "
        f"| {made_at - read:.0f} s | {ended[0] - made_at:.0f} s | {ended[0] - started:.0f} s "
        f"| {100 * of_teacher:.1f} ± {100 * error:.1f} % | {100 * students.mean:.1f}{over} % ({seeds} seeds) |"
    )


if __name__ == "__main__":
    main()
