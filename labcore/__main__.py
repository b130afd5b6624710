"""The command line, for scripts and graders: `python -m labcore count`, `derive`, `run`, `sweep`, `finetune`, `grade`.

Results are JSON on standard output, but `sweep --recorded` prints a table to read, and `grade` lines. A bad spec or teacher is one line on standard error and exit status 2.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.config.checks import check_integer, shown
from labcore.config.ineffective import chain_with_paths, check_effective
from labcore.config.presets import SWEEPS
from labcore.config.spec import Spec, SpecError
from labcore.results.events import Finished, Preparing, TrainStep, event_to_dict
from labcore.system.writable import check_file, check_folder, check_home
from labcore.teacher.built_in import BUILT_IN, TEACHERS

if TYPE_CHECKING:
    from labcore.evaluate.reference import ReferenceResults
    from labcore.runs.trained_student import NotSaved


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m labcore", description="Derive, count and distil BERT students.")
    commands = parser.add_subparsers(dest="command", required=True)

    count = commands.add_parser("count", help="count the parameters of a spec's teacher and student")
    count.add_argument("--spec", required=True, metavar="FILE", help="the spec as JSON; - reads standard input")

    count.add_argument(
        "--tokens", type=_whole_number, metavar="N", help="length of the sentence whose arithmetic is counted (128)"
    )

    derive = commands.add_parser("derive", help="make a spec's student, untrained, and save it as a folder")
    derive.add_argument("--spec", required=True, metavar="FILE", help="the spec as JSON; - reads standard input")
    derive.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="a new or empty folder")

    run = commands.add_parser("run", help="derive and distil a spec's student; prints one JSON object a line")
    run.add_argument("--spec", required=True, metavar="FILE", help="the spec as JSON; - reads standard input")
    run.add_argument("--home", type=Path, metavar="DIR", help="where runs are kept (default: LAB_HOME, or .lab)")

    sweep = commands.add_parser("sweep", help="run every student of a sweep with several seeds, and record the results")
    sweep.add_argument("name", choices=sorted(SWEEPS))
    sweep.add_argument("--seeds", type=_whole_number, default=3)
    sweep.add_argument(
        "--home", type=Path, metavar="DIR", help="where runs are kept; what is finished there is not run again"
    )
    sweep.add_argument("--out", type=Path, metavar="FILE", help="where the record goes (default: in place)")
    sweep.add_argument("--recorded", action="store_true", help="print the table of the record that ships; run nothing")

    record = commands.add_parser(
        "record", help="make every recording that the lessons show: each sweep, one after another"
    )
    record.add_argument("--seeds", type=_whole_number, default=3)
    record.add_argument("--home", type=Path, metavar="DIR", help="where runs are kept")

    finetune = commands.add_parser("finetune", help="make a built-in teacher's weights again")
    finetune.add_argument("teacher", choices=list(TEACHERS))
    finetune.add_argument("--out", type=Path, metavar="DIR", help="where to write them (default: in place)")
    finetune.add_argument("--seed", type=_whole_number, default=0)

    grade = commands.add_parser("grade", help="check your own count_parameters, or grade the exercise's hand-ins")
    grade.add_argument(
        "path", type=Path, help="a Python file or notebook with the function; it is run. Or a hand-in, or a folder"
    )
    grade.add_argument(
        "--home", type=Path, metavar="DIR", help="where the grader's runs are kept (default: LAB_HOME, or .lab)"
    )
    grade.add_argument("--counts-only", action="store_true", help="train nothing: accuracies are not recomputed")
    grade.add_argument("--csv", type=Path, metavar="FILE", help="write the grades as a table, too")

    options = parser.parse_args(arguments)
    try:
        status = _carry_out(options)
        sys.stdout.flush()  # here, so that a full disk behind it is an error with a line of its own
        return status
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read the output has enough, as `head` has
        _give_up_output()
        return 1
    except Exception as error:
        return _failed(error, options)


def _carry_out(options: argparse.Namespace) -> int:
    """Run the command that was chosen, and return its exit status."""
    if options.command == "count":
        return _count(_read_spec(options.spec), options.tokens)
    if options.command == "derive":
        return _derive(_read_spec(options.spec), options.out)
    if options.command == "run":
        return _run(_read_spec(options.spec), options.home)
    if options.command == "sweep" and options.recorded:
        return _recorded(options.name)
    if options.command == "sweep":
        return _sweep(options.name, options.seeds, options.home, options.out)
    if options.command == "record":
        return max(_sweep(name, options.seeds, options.home, None) for name in SWEEPS)
    if options.command == "grade":
        return _grade(options.path, options.home, options.counts_only, options.csv)
    return _finetune(options.teacher, options.out, options.seed)


def _whole_number(text: str) -> int:
    """An option's number; argparse prints the error. Its range is checked where the command begins."""
    try:
        return int(text)
    except ValueError:  # no number, or one of thousands of digits
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number; give one such as 3") from None


def _check_home(home: Path | None) -> None:
    """Raise OSError if runs can't be kept: at once, for to load torch takes seconds, and a teacher more."""
    from labcore.system.home import default_home

    check_home(home or default_home())


def _failed(error: Exception, options: argparse.Namespace) -> int:
    """Print one line on an error, and return the exit status: 2 for bad input or a folder that can't be used, else 1."""
    from labcore.system.home import default_home
    from labcore.runs.trained_student import NotSaved
    from labcore.system.faults import reported

    _give_up_output()
    given: Path | None = getattr(options, "home", None)
    home = given or default_home()
    where = home if "home" in options else getattr(options, "out", None)
    said = reported(error, home, f"python -m labcore {options.command}", where)
    if isinstance(error, NotSaved):
        said = f"{said} {_rescued(error)}"
    print("error:", said, file=sys.stderr)
    return 2 if isinstance(error, (SpecError, OSError)) and not isinstance(error, NotSaved) else 1


def _rescued(error: NotSaved) -> str:
    """Put a student that its home can't take into the system's temporary folder, and say where it is."""
    from labcore.system.faults import sentence

    try:
        return f"It was put in {error.trained.rescue()} instead; copy it to a place that lasts."
    except Exception as other:
        return f"It could not be put in the system's temporary folder either, and is lost. {sentence(other)}"


def _give_up_output() -> None:
    """If standard output can't be written, let what is left in its buffer go; the interpreter would complain at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):  # an output that is no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _read_spec(source: str) -> Spec:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(
            f"the spec {source!r} can't be read ({error}); give a file of JSON, or - for standard input"
        ) from None
    spec = Spec.from_json(text)
    if spec.teacher in BUILT_IN:
        return spec
    from labcore.teacher.location import resolved  # imports the hub's client, which takes a while

    return spec.of_teacher(resolved(spec.teacher))  # one name for one teacher: runs are found by it


def _count(spec: Spec, tokens: int | None) -> int:
    from labcore.count.cost import TOKENS
    from labcore.runs.cache import counted
    from labcore.runs.teacher_models import sizes_of

    if tokens is not None:
        check_integer("--tokens", tokens, 1)
        most = sizes_of(spec.teacher).positions
        if tokens > most:
            raise SpecError(
                f"--tokens is {tokens}, but {spec.teacher!r} reads at most {most} word pieces; give up to {most}"
            )
    print(json.dumps(counted(spec, tokens or TOKENS).to_json()))
    _note_idle_steps(spec)
    return 0


def _note_idle_steps(spec: Spec) -> None:
    """Print which steps change nothing, on standard error."""
    from labcore.runs.ineffective_steps import notes

    for note in notes(spec):
        if note.field.startswith("steps"):
            print(f"note: {note.field} has no effect: {note.words}", file=sys.stderr)


def _derive(spec: Spec, folder: Path) -> int:
    check_folder(folder.parent)
    from labcore.runs.export_untrained import export

    print(json.dumps(export(spec, folder)))
    _note_idle_steps(spec)
    return 0


def _run(spec: Spec, home: Path | None) -> int:
    _check_home(home)
    from tqdm import tqdm

    from labcore.runs.assistants import chain_to_run
    from labcore.runs.cache import calibration_for, counted
    from labcore.runs.execute import check_trainable, execute_and_store
    from labcore.runs.ineffective_steps import notes
    from labcore.runs.memory import check_room_to_train
    from labcore.runs.store import Store
    from labcore.runs.teacher_check import check_teacher

    check_effective(spec)
    for each in spec.chain:
        check_trainable(each)
        check_room_to_train(each, calibration_for(each.teacher, each.task))
        check_teacher(each.teacher, each.task)
        counted(each)  # a spec that can't be carried out leaves no run behind
    for where, each in chain_with_paths(spec):
        for note in notes(each):
            print(f"note: {where}{note.field} has no effect: {note.words}", file=sys.stderr)
    store = Store(home)
    events = (event for each in chain_to_run(spec, store) for event in execute_and_store(each, store.create(each), store))
    with tqdm(disable=not sys.stderr.isatty(), unit="step", leave=False) as bar:
        for event in events:
            print(json.dumps(event_to_dict(event)), flush=True)
            if isinstance(event, Preparing):
                bar.set_description("the teacher reads")
                bar.total, bar.n = event.total, event.done
            elif isinstance(event, TrainStep):
                bar.set_description("the student learns")
                bar.total, bar.n = event.steps, event.step
            elif isinstance(event, Finished):
                for finding in event.findings:
                    tqdm.write(f"note: {finding.words}", file=sys.stderr)
            bar.refresh()
    return 0


def _sweep(name: str, seeds: int, home: Path | None, out: Path | None) -> int:
    check_integer("--seeds", seeds, 1, 100)
    _check_home(home)
    from labcore.evaluate import reference
    from labcore.runs import sweep
    from labcore.runs.store import Store

    check_folder((out or reference.FOLDER / f"{name}.json").parent)
    store = Store(home)
    for event in sweep.sweep(SWEEPS[name], seeds, store):
        if isinstance(event, Finished):
            print(json.dumps(event_to_dict(event)), flush=True)
    recording = sweep.recording(name, seeds, store)
    reference.write(recording, out or reference.FOLDER / f"{name}.json")
    print(_in_words(recording), file=sys.stderr)
    return 0


def _recorded(name: str) -> int:
    from labcore.evaluate.reference import reference_results

    reference = reference_results(name)
    if reference is None:
        raise SpecError(f"nothing is recorded of the sweep {name!r}; python -m labcore sweep {name} makes it")
    print(_in_words(reference))
    return 0


def _in_words(reference: ReferenceResults) -> str:
    from labcore.views.reference_tables import tables
    from labcore.views.tables import markdown

    head = f"Test accuracy ± its 95 % interval over seeds, {reference.origin}"
    return "\n\n".join([head, *(markdown(table) for table in tables(reference))])


def _grade(path: Path, home: Path | None, counts_only: bool, table: Path | None) -> int:
    if path.suffix.lower() not in (".py", ".ipynb") and not counts_only:  # what is handed in is trained again
        _check_home(home)
    if table is not None:
        check_file(table)
    from labcore.exercise.grade_command import grade

    return grade(path, home, counts_only, table)


def _finetune(teacher: str, out: Path | None, seed: int) -> int:
    check_integer("--seed", seed, 0, 2**63 - 1)
    from labcore.finetune.lora import finetune
    from labcore.teacher.load import WEIGHTS

    check_folder((out or WEIGHTS / teacher).parent)
    for event in finetune(teacher, out or WEIGHTS / teacher, seed=seed):
        print(json.dumps(event), flush=True)
    return 0


if __name__ == "__main__":
    # No page waits for this process, so torch's threads may look some microseconds for work before they sleep: a small
    # student trains a quarter faster. benchmarks/processor.py measures it. torch reads this when it is first imported.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    sys.exit(main())
