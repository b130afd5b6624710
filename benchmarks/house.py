"""How the house is kept: banned words, long sentences, silent exceptions, and the size and place of things.

    python -m benchmarks.house                              # the table
    python -m benchmarks.house --count-by-folder
    python -m benchmarks.house -v --only words ui pages     # each place, one a line, in these folders

`tests/project/test_prose.py` holds words, sentences, exceptions and modules at 0. `benchmarks.banned_words` lists
what the search leaves to a reader.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.prose import MOST_WORDS, Fault, banned_words, long_sentences, undocumented_raises
from benchmarks.sources import ROOT, files, prose_of, tree_of

MOST_FILE, MOST_FUNCTION, MOST_LINE = 250, 60, 120
NO_API = ("tests",)  # nobody calls a test, so its exceptions need no docstring
PRODUCT = ("app.py", "pages", "ui", "labcore")
# One of each kind, by the names that code calls it: how many files would a further one touch?
KINDS = {
    "step": ("PruneNeurons", "prune_neurons"),
    "loss term": ("relation",),
    "task": ("news",),
    "model family": ("BertModel", "BertForSequenceClassification", "BertConfig"),
}

Check = Callable[[Path, str], list[Fault]]


# -- checks, each a list of places -------------------------------------------------------------------


def raises(path: Path, source: str) -> list[Fault]:
    """Public functions that raise and do not say so, tests aside."""
    return [] if path.suffix != ".py" or path.parts[0] in NO_API else undocumented_raises(path, source)


def long_files(path: Path, source: str) -> list[Fault]:
    """The file, if Python of more than `MOST_FILE` lines."""
    lines = source.count("\n")
    return [Fault(path, 1, f"{lines} lines")] if path.suffix == ".py" and lines > MOST_FILE else []


def long_functions(path: Path, source: str) -> list[Fault]:
    """Functions of more than `MOST_FUNCTION` lines."""
    lengths = functions(source) if path.suffix == ".py" else []
    return [Fault(path, line, f"{lines} lines: {name}") for lines, line, name in lengths if lines > MOST_FUNCTION]


def long_lines(path: Path, source: str) -> list[Fault]:
    """Lines of more than `MOST_LINE` characters; in Python alone, for a table of Markdown can't be broken."""
    lines = enumerate(source.splitlines(), 1) if path.suffix == ".py" else ()
    return [Fault(path, number, f"{len(line)} characters") for number, line in lines if len(line) > MOST_LINE]


CHECKS: dict[str, Check] = {
    "words": banned_words,
    "sentences": long_sentences,
    "raises": raises,
    "lines": long_lines,
    "files": long_files,
    "functions": long_functions,
}


def faults(names: Iterable[str], paths: Iterable[Path]) -> dict[str, list[Fault]]:
    """What the checks report of files, by check. A file that is no Python is a fault of its own."""
    reported: dict[str, list[Fault]] = {name: [] for name in names}
    for path in paths:
        source = read(path)
        for name, faults_of_check in reported.items():
            try:
                faults_of_check += CHECKS[name](path, source)
            except SyntaxError as error:
                faults_of_check.append(Fault(path, error.lineno or 1, f"no Python: {error.msg}"))
    return reported


def repeated_modules(paths: Iterable[Path]) -> list[Fault]:
    """Modules of labcore whose name another one has as well; `__init__` and `__main__` are Python's names."""
    same_name = defaultdict(list)
    for path in paths:
        if path.parts[0] == "labcore" and path.suffix == ".py" and not path.stem.startswith("__"):
            same_name[path.stem].append(path)
    return [
        Fault(path, 1, f"module {name!r} {len(same)} times")
        for name, same in same_name.items()
        if len(same) > 1
        for path in same
    ]


# -- measures ----------------------------------------------------------------------------------------


def read(path: Path) -> str:
    """A source's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def functions(source: str) -> list[tuple[int, int, str]]:
    """Each function's number of lines, first line and name. Raises SyntaxError if the source is not Python."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree_of(source)) if isinstance(node, kinds)]
    return [((node.end_lineno or node.lineno) - node.lineno + 1, node.lineno, node.name) for node in nodes]


def naming(names: tuple[str, ...], paths: Iterable[Path]) -> list[Path]:
    """The product's modules with one of the names: an identifier, or a part of a string such as `distil.relation`."""
    return [
        path
        for path in paths
        if path.parts[0] in PRODUCT and path.suffix == ".py" and not _names(read(path)).isdisjoint(names)
    ]


def _names(source: str) -> set[str]:
    held: set[str] = set()
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Name):
            held.add(node.id)
        elif isinstance(node, ast.Attribute):
            held.add(node.attr)
        elif isinstance(node, ast.alias | ast.ClassDef | ast.FunctionDef):
            held.add(node.name)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            held.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            held.update(node.value.split("."))
    return held


def word_counts(paths: Iterable[Path]) -> Counter[str]:
    """How often each word stands in prose, in lower case."""
    counts: Counter[str] = Counter()
    for path in paths:
        for part in prose_of(path.suffix, read(path)):
            if part.spoken:
                counts.update(re.findall(r"[a-z]+", part.text.lower()))
    return counts


# -- what is printed ---------------------------------------------------------------------------------


def table(paths: list[Path]) -> list[tuple[str, str]]:
    """The rows of the table: what is measured, and its value."""
    modules = [path for path in paths if path.suffix == ".py"]
    reported = {name: len(each) for name, each in faults(CHECKS, paths).items()}
    rows = [
        ("banned words", f"{reported['words']:,}"),
        (f"sentences of more than {MOST_WORDS} words", f"{reported['sentences']:,}"),
        ("public functions that raise without a word", f"{reported['raises']:,}"),
        ("module names repeated in labcore", f"{len({place.path.stem for place in repeated_modules(paths)}):,}"),
    ]
    if modules:
        rows += [("longest file", _longest_file(modules)), ("longest function", _longest_function(modules))]
        rows.append(("longest line", _longest_line(modules)))
    rows += [
        (f"lines of more than {MOST_LINE} characters", f"{reported['lines']:,}"),
        (f"files of more than {MOST_FILE} lines", f"{reported['files']:,}"),
        (f"functions of more than {MOST_FUNCTION} lines", f"{reported['functions']:,}"),
    ]
    for kind, names in KINDS.items():
        rows.append((f"files that name a {kind} ({names[-1]})", f"{len(naming(names, paths)):,}"))
    counts = word_counts(paths)
    rows.append(("'where', 'if', 'you' in prose", f"{counts['where']:,}, {counts['if']:,}, {counts['you']:,}"))
    return rows


def _longest_file(modules: list[Path]) -> str:
    lines, path = max((read(path).count("\n"), path) for path in modules)
    return f"{lines:,} lines, {path.as_posix()}"


def _longest_function(modules: list[Path]) -> str:
    (lines, line, name), path = max((function, path) for path in modules for function in functions(read(path)))
    return f"{lines:,} lines, {name}, {path.as_posix()}:{line}"


def _longest_line(modules: list[Path]) -> str:
    length, path, number = max(
        (len(line), path, number) for path in modules for number, line in enumerate(read(path).splitlines(), 1)
    )
    return f"{length:,} characters, {path.as_posix()}:{number}"


def folder_of(path: Path) -> str:
    """A file's folder in the count: two levels of labcore, ui and benchmarks, one of the others."""
    deep = path.parts[0] in ("labcore", "ui", "benchmarks") and len(path.parts) > 2
    return "/".join(path.parts[: 2 if deep else 1])


def by_folder(paths: list[Path], names: Iterable[str]) -> str:
    """A table of how many faults each folder has, by check."""
    columns = {name: Counter(folder_of(fault.path) for fault in each) for name, each in faults(names, paths).items()}
    folders = sorted({folder_of(path) for path in paths})
    lines = ["".join([f"{'':24}", *(f"{name:>11}" for name in columns)])]
    for folder in [*folders, "total"]:
        values = (count.total() if folder == "total" else count[folder] for count in columns.values())
        lines.append("".join([f"{folder:24}", *(f"{value:>11,}" for value in values)]))
    return "\n".join(lines)


def main() -> None:
    """Print the table, the counts by folder, or each place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: all)")
    parser.add_argument("-v", "--verbose", action="store_true", help="print each place: file, line, what is wrong")
    parser.add_argument("--only", choices=[*CHECKS, "modules"], action="append", help="this check; may be repeated")
    parser.add_argument("--count-by-folder", action="store_true", help="print how many of each, by folder")
    options = parser.parse_args()
    paths = files(tuple(options.paths))
    only = options.only or [*CHECKS, "modules"]
    if options.count_by_folder:
        print(by_folder(paths, [name for name in only if name in CHECKS]))
    elif options.verbose or options.only:
        reported = faults([name for name in only if name in CHECKS], paths)
        modules = repeated_modules(paths) if "modules" in only else []
        for fault in (*(fault for each in reported.values() for fault in each), *modules):
            print(fault)
    else:
        for what, value in table(paths):
            print(f"{what:46} {value}")


if __name__ == "__main__":
    main()
