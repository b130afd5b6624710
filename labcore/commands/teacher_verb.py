"""`teacher`: teachers of your own: make one by fine-tuning, bring one, list, rename or remove them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from labcore.commands.arguments import Commands, add_entry_verbs, number, whole_number
from labcore.config.checks import SpecError, check_integer, check_number
from labcore.config.finetuning import MAX_BATCH, MAX_EPOCHS, FineTuning, Method
from labcore.results.run import MAX_NAME
from labcore.system.home import default_home
from labcore.system.writable import check_folder
from labcore.teacher.own_teachers import OWN

if TYPE_CHECKING:
    from labcore.runs.bring_teacher import Examination


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("teacher", help="your own teachers: make one, bring one, list, rename, remove")
    verbs = parser.add_subparsers(dest="teacher_command", required=True)
    make = verbs.add_parser("make", help="fine-tune the lab's MiniLM on a task; prints one JSON object a line")
    make.add_argument("task", help="such as data:0123456789abcdef, or a built-in task")
    make.add_argument("--title", help="its name for people (default: the task's)")
    make.add_argument("--method", choices=get_args(Method), default="lora")
    make.add_argument("--epochs", type=whole_number, help="(default: by the number of examples)")
    make.add_argument("--batch-size", type=whole_number, default=16)
    make.add_argument("--learning-rate", type=number, help="the highest (default: the method's own)")
    make.add_argument("--seed", type=whole_number, default=0)
    make.set_defaults(func=run_make)
    bring = verbs.add_parser("bring", help="take a folder, or a model of the Hugging Face hub, as a task's teacher")
    bring.add_argument("source", metavar="FOLDER_OR_ID", help="a folder, or owner/model@commit")
    bring.add_argument("--task", required=True)
    bring.add_argument("--title", help="its name for people (default: the folder's)")
    bring.add_argument(
        "--labels",
        metavar="NAMES",
        help="the teacher's own label for each label of the task, in the task's order, separated by commas",
    )
    bring.set_defaults(func=run_bring)
    add_entry_verbs(
        verbs,
        ("list", run_list, "all of them, the newest first"),
        (
            ("rename", run_rename, "give it another title"),
            ("remove", run_remove, "forget it; a folder elsewhere stays"),
        ),
        entry=("teacher", "its name, with or without own:"),
        new="title",
    )


def run_make(options: argparse.Namespace) -> int:
    """Fine-tune a teacher; print its events, then its entry. Raises SpecError or OSError if that is not possible."""
    if options.epochs is not None:
        check_integer("--epochs", options.epochs, 1, MAX_EPOCHS)
    check_integer("--batch-size", options.batch_size, 1, MAX_BATCH)
    check_integer("--seed", options.seed, 0, 2**63 - 1)
    if options.learning_rate is not None:
        check_number("--learning-rate", options.learning_rate, 0.0, above=True)
    check_folder(default_home() / "teachers")
    from labcore.data.tasks import load_task, task_title
    from labcore.results.events import event_to_dict
    from labcore.runs.make_teacher import make_teacher
    from labcore.runs.teacher_store import TeacherStore

    load_task(options.task)
    config = FineTuning(
        task=options.task,
        method=options.method,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        seed=options.seed,
    )
    store = TeacherStore()
    teacher = store.create_to_make(options.title or f"{task_title(options.task)} teacher"[:MAX_NAME], config)
    for event in make_teacher(teacher, store):
        print(json.dumps(event_to_dict(event)), flush=True)
    _print(store, teacher.id)
    return 0


def run_bring(options: argparse.Namespace) -> int:
    """Examine a teacher on a task, take it, and print its entry.

    Raises SpecError if it can't be one, or if it is not settled which of its labels is which.
    """
    check_folder(default_home() / "teachers")
    from labcore.runs.bring_teacher import bring, examine, pinned
    from labcore.runs.teacher_store import TeacherStore
    from labcore.teacher.location import folder_of, resolved

    source = resolved(options.source)
    is_folder = Path(source).is_dir()
    if not is_folder:
        folder_of(source)  # raises, with what is there instead
        source = pinned(source)
    examination = examine(source, options.task)
    store = TeacherStore()
    teacher = bring(
        examination,
        options.title or Path(source.partition("@")[0]).name[:MAX_NAME],
        _order(examination, options.labels),
        "folder" if is_folder else "hub",
        store,
    )
    _print(store, teacher.id)
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Print every teacher, one JSON object a line."""
    from labcore.runs.teacher_store import TeacherStore

    for teacher in TeacherStore().all():
        print(json.dumps({"teacher": teacher.name} | teacher.to_dict()))
    return 0


def run_rename(options: argparse.Namespace) -> int:
    """Give a teacher another title, and print its entry. Raises SpecError or OSError."""
    from labcore.runs.teacher_store import TeacherStore

    store, teacher_id = TeacherStore(), options.teacher.removeprefix(OWN)
    store.rename(teacher_id, options.title)
    _print(store, teacher_id)
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Forget a teacher, and print its name. Raises SpecError if there is none."""
    from labcore.runs.teacher_store import TeacherStore

    store, teacher_id = TeacherStore(), options.teacher.removeprefix(OWN)
    store.remove(teacher_id)
    print(json.dumps({"removed": f"{OWN}{teacher_id}"}))
    return 0


def _order(examination: Examination, labels: str | None) -> tuple[int, ...]:
    """The order of the labels: as given, or as their names settle it. Raises SpecError if it stays open."""
    from labcore.data.tasks import load_task

    names, given = load_task(examination.task).label_names, examination.given
    if labels is not None:
        wanted = [name.strip() for name in labels.split(",")]
        if sorted(wanted) != sorted(given):
            raise SpecError(f"--labels is {labels}; give the teacher's labels, each once: {','.join(given)}")
        return tuple(given.index(name) for name in wanted)
    if examination.settled:
        return examination.proposed
    fit, n = ",".join(given[row] for row in examination.by_fit), examination.measured.examples
    why = f"the labels of the teacher ({','.join(given)}) do not show which of the task's ({','.join(names)}) each is"
    if examination.by_name is not None:
        share = 100 * examination.accuracy(examination.by_name)
        why = f"by its label names the teacher is right for {share:.1f} % of {n} validation examples only"
    raise SpecError(
        f"{why}; the best fit is right for {100 * examination.accuracy(examination.by_fit):.1f} % of {n} validation "
        f"examples: if you agree with it, give --labels {fit}"
    )


def _print(store: object, teacher_id: str) -> None:
    """Print a teacher's entry. Raises SpecError if it can't be read."""
    from labcore.runs.teacher_store import TeacherStore

    assert isinstance(store, TeacherStore)
    teacher = store.read(teacher_id)
    if teacher is None:  # somebody has removed it meanwhile, or it can't be read now
        raise SpecError(f"teacher {OWN}{teacher_id} can't be read now; list the others: python -m labcore teacher list")
    print(json.dumps({"teacher": teacher.name} | teacher.to_dict()))
    if teacher.figures is not None:
        figures = teacher.figures
        print(
            f"note: accuracy {100 * figures.accuracy:.1f} ± {100 * figures.standard_error:.1f} % on "
            f"{figures.examples:,} examples, majority baseline {100 * figures.majority:.1f} %",
            file=sys.stderr,
        )
