"""What the teacher and some students cost where they run: PyTorch, ONNX in fp32, 8 and 4 bits, and a page in Chromium.

    python -m benchmarks.deployment [--sources reviews RUN FOLDER …] [--home DIR] [--epochs 1]

A source is what `python -m labcore export` takes. Without any: the teacher `reviews` and three students of it, trained
here for `--epochs`. A run's name states its design. Milliseconds are medians over test examples as they come, with one
thread, for 1 example and for a batch of 32. Agreement is with the same model in PyTorch. MB are of the file of weights;
of PyTorch, fp32 parameters. A refused file has its figures instead. A browser's milliseconds are for 1 example from
its text on, over `EXAMPLES` of the test split. Its agreement is with onnxruntime in Python on the same file.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.browser import measure
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import FactoriseEmbeddings, KeepLayers, PruneNeurons, Quantise, Step, TrimVocabulary
from labcore.export.export_measured import median_ms, of_torch
from labcore.export.export_source import FP32, ExportSource, load_source
from labcore.export.exported_folder import ONNX_KINDS
from labcore.export.make_export import export
from labcore.results.events import Finished
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.sweep import machine
from labcore.views.student_names import student_name

TEACHER = "reviews"
STUDENTS: tuple[tuple[Step, ...], ...] = (
    (KeepLayers(count=3),),
    (TrimVocabulary(size=6000), FactoriseEmbeddings(rank=96), KeepLayers(count=3), PruneNeurons(768)),
    (TrimVocabulary(size=6000), KeepLayers(count=2), Quantise(bits=4)),
)
EXAMPLES = 60  # that a browser computes
HEAD = (
    "| model | form | MB | ms, 1 | ms, 32 | agreement | accuracy | browser, ms | browser, agreement |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|---:|"
)


def trained(steps: tuple[Step, ...], epochs: int, store: Store) -> str:
    """The id of a new run of the teacher's student."""
    spec = Spec(teacher=TEACHER, task="reviews", steps=steps, distil=DistilConfig(epochs=epochs))
    run = store.create(spec)
    *_, last = execute_and_store(spec, run, store)
    assert isinstance(last, Finished)
    return run


def rows(source: ExportSource, name: str, folder: Path) -> list[str]:
    """The table's rows of one model: in PyTorch, then each kind of file."""
    examples = source.test_examples()
    size = FP32 * sum(parameter.numel() for parameter in source.model.parameters())
    times = [median_ms(of_torch(source.model), examples, batch) for batch in (1, 32)]
    lines: list[str] = []
    accuracy = ""
    for kind in ONNX_KINDS:
        if kind == "onnx-int8" and source.student.rounded:
            continue  # its own grid, as at 4 bits
        try:
            measured = export(source, kind, folder / kind).measured
        except SpecError as error:
            lines.append(f"| {name} | {kind} | refused: {error} | | | | | | |")
            continue
        page = measure(folder / kind, EXAMPLES)
        accuracy = f"{100 * measured.accuracy_in_torch:.1f} %"
        lines.append(
            f"| {name} | {kind} | {measured.bytes / 1e6:.1f} | {measured.ms_batch_1:.1f} | {measured.ms_batch_32:.0f} "
            f"| {100 * measured.agreement:.1f} % | {100 * measured.accuracy:.1f} % "
            f"| {page.ms:.1f} | {100 * page.agreement:.1f} % |"
        )
    return [f"| {name} | PyTorch | {size / 1e6:.1f} | {times[0]:.1f} | {times[1]:.0f} | | {accuracy} | | |", *lines]


def main() -> None:
    """Train what is needed, export all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", nargs="+", metavar="SOURCE")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        store = Store(options.home or Path(place) / "home")
        sources = options.sources or [TEACHER, *(trained(steps, options.epochs, store) for steps in STUDENTS)]
        print(f"{machine()}\n\n{HEAD}", flush=True)
        runs = {run.id: run for run in store.finished_runs()}
        for i, source in enumerate(sources):
            name = student_name(runs[source].spec) if source in runs else source
            print(*rows(load_source(source, store), name, Path(place) / f"{i}"), sep="\n", flush=True)


if __name__ == "__main__":
    main()
