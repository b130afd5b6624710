"""`export`: a run's student, or a teacher, as files that run elsewhere, measured before they are handed over."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.commands.arguments import Commands
from labcore.config.checks import SpecError
from labcore.export.exported_folder import ONNX_KINDS
from labcore.export.exported_page import FORMS, PAGE
from labcore.export.extra import TO_EXPORT, check_packages
from labcore.system.writable import check_folder

if TYPE_CHECKING:
    from labcore.runs.store import Store


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("export", help="a student or a teacher as files that run elsewhere, measured")
    parser.add_argument("run", metavar="RUN", help="a finished run's id, a student's folder, or a teacher's name")
    parser.add_argument("--to", required=True, choices=FORMS, help="the kind of files")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="a new or empty folder")
    parser.add_argument(
        "--weights",
        choices=ONNX_KINDS,
        help="of the student in a page (default: onnx, which is fp32; its own grid if it has low bits)",
    )
    parser.add_argument("--beside-teacher", action="store_true", help="a page with the teacher, too, in fp32")
    parser.add_argument("--task", metavar="NAME", help="of a teacher that has no task of its own")
    parser.add_argument("--home", type=Path, metavar="DIR", help="folder of all runs (default: LAB_HOME, or .lab)")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Write the folder, and print what it states about itself as JSON.

    Raises SpecError if there is no such model, if the folder is not empty, or if a package is missing. It raises it,
    too, if the file differs too much from the model. Raises OSError if the folder can't be written.
    """
    if options.to != PAGE and (options.weights or options.beside_teacher):
        option = "--weights" if options.weights else "--beside-teacher"
        raise SpecError(f"{option} is of a page, and --to is {options.to}; leave it out, or give --to {PAGE}")
    check_folder(options.out.parent)
    if options.to != "huggingface":
        check_packages(TO_EXPORT)
    from labcore.export.export_source import load_source, load_teacher_of
    from labcore.export.make_export import export
    from labcore.runs.store import Store

    store = Store(options.home)
    source = load_source(options.run, store, options.task, _title(store, options.run))
    if options.to == PAGE:
        from labcore.export.make_page import export_page

        teacher = load_teacher_of(options.run, store) if options.beside_teacher else None
        page = export_page(source, options.out, options.weights, teacher)
        content, notes = page.to_json(), page.student.notes
    else:
        exported = export(source, options.to, options.out)
        content, notes = exported.to_json(), exported.notes
    print(json.dumps(content))
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def _title(store: Store, name: str) -> str | None:
    """The name of the run that pages show; None if it is no run."""
    from labcore.runs.store import RunNotFound
    from labcore.views.run_names import run_name

    try:
        return run_name(store.read(name))
    except RunNotFound:
        return None
