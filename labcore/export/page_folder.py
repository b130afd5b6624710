"""A student as a web page: a folder for any static server, which computes in the browser and asks no other host.

- index.html, page.css and the page's scripts. `classifier.js` is the worker that computes.
- page.json: which models there are, and how many bytes each file has.
- student/, and teacher/ if both are asked for: exported folders, as they were.
- runtime/: onnxruntime-web and tokenizers.js, with their licences.

Every address in it is relative, so the folder may be served under any path.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labcore.config.checks import SpecError
from labcore.data.tasks import TASKS, Task, load_task
from labcore.export import page_words
from labcore.export.exported_folder import (
    EXPORT,
    FORMAT,
    MODEL,
    TOKENIZER,
    TOKENIZER_CONFIG,
    ExportedFolder,
    check_files,
    read_exported,
)
from labcore.export.exported_page import FACTS, STUDENT, TEACHER
from labcore.export.page_runtime import FILES, write_runtime
from labcore.system.files import folder_beside, place_folder

ASSETS = Path(__file__).parent / "page"
SCRIPTS = ("page.css", "page.js", "results.js", "classifier.js", "loading.js", "tokens.js", "icon.svg")
INDEX = "index.html"
MODEL_FILES = (MODEL, TOKENIZER, TOKENIZER_CONFIG, EXPORT)


def write_page(exported: Path, out: Path, teacher: Path | None = None) -> None:
    """Write the page of an exported ONNX folder to a new folder, completely or not at all.

    teacher: the teacher's exported folder, if both are to compute side by side.
    Raises SpecError if a folder is not exported, is damaged, or has other labels; or if `out` is not empty. Raises
    OSError.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SpecError(f"{out} is there already; give a new or an empty folder")
    folders = {STUDENT: exported} | ({} if teacher is None else {TEACHER: teacher})
    facts = {role: _checked(folder) for role, folder in folders.items()}
    if teacher is not None and set(facts[STUDENT].labels) != set(facts[TEACHER].labels):
        raise SpecError(f"{exported} and {teacher} have different labels; give the teacher of this student")
    out.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(out, f".{out.name}.") as made:
        wasm = write_runtime(made / "runtime")
        for role, folder in folders.items():
            _copy_model(folder, made / role)
        for name in SCRIPTS:
            shutil.copyfile(ASSETS / name, made / name)
        page = _page(facts, made, wasm)
        (made / FACTS).write_text(json.dumps(page, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (made / INDEX).write_text(_index(page, facts, folders), encoding="utf-8")
        made.chmod(0o755)  # mkdtemp makes it private
        place_folder(made, out)


def _checked(folder: Path) -> ExportedFolder:
    """What an exported folder states. Raises SpecError if it is damaged, or lacks a file that the page needs."""
    exported = read_exported(folder)
    check_files(folder, exported)
    if missing := [name for name in MODEL_FILES if not (folder / name).is_file()]:
        raise SpecError(f"{folder} has no {missing[0]}; export it again with `python -m labcore export`")
    return exported


def _copy_model(folder: Path, to: Path) -> None:
    """The files of an exported folder that the page needs, and its card."""
    to.mkdir()
    for name in (*MODEL_FILES, page_words.CARD):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, to / name)


def _page(facts: Mapping[str, ExportedFolder], made: Path, wasm: Path) -> dict[str, Any]:
    """The content of page.json. Samples of your own data stay out of it, because a page may be public."""
    task = _task(facts[STUDENT].task)
    sample = task if task in TASKS else None
    programs = [made / name for name in SCRIPTS]
    programs += [made / "runtime" / file.name for file in FILES if not file.gzipped]
    sizes = {role: {name: (made / role / name).stat().st_size for name in MODEL_FILES} for role in facts}
    of_models = sum(sum(files.values()) for files in sizes.values())
    return {
        "format": FORMAT,
        "bytes": wasm.stat().st_size + sum(file.stat().st_size for file in programs) + of_models,
        "bytes_of_models": of_models,
        "pairs": facts[STUDENT].pairs,
        "noun": task.noun if task else "text",
        "sample": sample.sample if sample else "",
        "sample_second": sample.sample_second if sample else "",
        "runtime": {"file": wasm.relative_to(made).as_posix(), "bytes": wasm.stat().st_size},
        "models": [{"role": role, "folder": role, "bytes": files} for role, files in sizes.items()],
    }


def _task(name: str) -> Task | None:
    try:
        return load_task(name)
    except SpecError:  # it was removed, or is on another machine
        return None


def _index(page: Mapping[str, Any], facts: Mapping[str, ExportedFolder], folders: Mapping[str, Path]) -> str:
    """The HTML; everything in it that a person wrote is escaped."""
    student, teacher = facts[STUDENT], facts.get(TEACHER)
    pages = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("index.html.jinja").render(
        page=page,
        student=student,
        lead=page_words.lead(student, page["noun"], page["pairs"]),
        sizes=page_words.sizes(student, teacher),
        size_words=page_words.sizes_in_words(student, teacher, page["bytes"], page["bytes_of_models"]),
        models=[
            {"role": role, "rows": page_words.rows(each, folders[role], role), "notes": each.notes}
            for role, each in facts.items()
        ],
    )
