"""The lab's sources as a reader meets them: their prose, paragraph by paragraph, and the names that they define."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.banned_words import LIBRARY_TYPES

ROOT = Path(__file__).resolve().parents[1]
SCOPE = ("app.py", "pages", "ui", "labcore", "tests", "benchmarks", "docs", "README.md", "CHANGELOG.md")
SUFFIXES = (".py", ".md", ".css", ".js")
SKIPPED = ("__pycache__", "tests/before", ".venv")


@dataclass(frozen=True)
class Prose:
    """A paragraph: its first line's number, its text, and whether it is `spoken`, so that its sentences count."""

    line: int
    text: str
    spoken: bool = True


@dataclass(frozen=True)
class Name:
    """A name at its definition. test: it is a test function's, and so a sentence."""

    line: int
    name: str
    test: bool = False


def files(paths: tuple[Path, ...] = ()) -> list[Path]:
    """The sources, relative to the project; of `paths` only if there are any."""
    roots = [ROOT / part for part in SCOPE]
    every = (file for root in roots for file in ([root] if root.is_file() else root.rglob("*")))
    chosen = [path.resolve() for path in paths]
    return sorted(
        file.relative_to(ROOT)
        for file in every
        if file.suffix in SUFFIXES
        and not any(part in file.relative_to(ROOT).as_posix() for part in SKIPPED)
        and (not chosen or any(file.is_relative_to(path) for path in chosen))
    )


# -- reading -----------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def tree_of(source: str) -> ast.Module:
    """The parsed source. Raises SyntaxError."""
    return ast.parse(source)


def prose_of(suffix: str, source: str) -> list[Prose]:
    """Every paragraph of a source, by its file's suffix."""
    if suffix == ".py":
        return [*_comments(source), *_strings(source)]
    if suffix == ".md":
        return list(paragraphs(source))
    return [Prose(1, source, spoken=False)]


def paragraphs(text: str, first: int = 1) -> Iterator[Prose]:
    """The paragraphs, headings, list items and table cells of Markdown or of a docstring. Code blocks are left out."""
    lines: list[str] = []
    start, code = first, False

    def taken() -> Iterator[Prose]:
        if any(line.strip() for line in lines):
            yield Prose(start, "\n".join(lines))
        lines.clear()

    for number, line in enumerate(text.split("\n"), first):
        bare = line.strip()
        fence = bare.startswith("```")
        block = not lines and re.match(r" {4,}(?![-*\d])", line)  # indented: code, or a layout of files
        if fence or code or block or not bare or bare.startswith(("<!--", "|")):
            yield from taken()
            code ^= fence
            if bare.startswith("|") and not code:
                yield from (Prose(number, cell) for cell in bare.split("|") if re.search(r"[A-Za-z]", cell))
            continue
        if re.match(r"#+ |[-*] |\d+\. |[\w`*, ]+: ", bare):  # a heading, an item, a field of a docstring
            yield from taken()
        if not lines:
            start = number
        lines.append(bare)
        if bare.startswith("#"):
            yield from taken()
    yield from taken()


def _comments(source: str) -> Iterator[Prose]:
    """Comments; those of lines that follow each other are one paragraph, if nothing else is on the lines."""
    block: list[str] = []
    last, start = -1, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        text = re.sub(r"^#!?\s*|fmt: (?:skip|on|off)|noqa.*|type: ignore.*|^# --+|--+$", "", token.string).strip(" #-")
        full = token.line.strip().startswith("#")
        if block and not (full and line == last + 1):
            yield Prose(start, "\n".join(block))
            block = []
        if full:
            start = start if block else line
            block, last = [*block, text], line
        else:
            yield Prose(line, text)
    if block:
        yield Prose(start, "\n".join(block))


def _strings(source: str) -> Iterator[Prose]:
    """Docstrings by paragraph; other strings as they are. A string of one word is not spoken."""
    tree = tree_of(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    statements = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    docstrings = {id(value) for value in statements if isinstance(value, ast.Constant)}  # of fields, too
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{…}" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        else:
            continue
        if id(node) in docstrings:
            yield from paragraphs(_dedented(text), node.lineno)
        elif not re.search(r"\s", text.strip()):
            yield Prose(node.lineno, f"`{text}`", spoken=False)
        elif _is_code(text):
            yield Prose(node.lineno, text, spoken=False)
        else:
            yield from (Prose(node.lineno, part.text) for part in paragraphs(text))


def _dedented(text: str) -> str:
    """A docstring without its indentation, with as many lines."""
    first, *rest = text.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first.lstrip(), *(line[margin:] for line in rest)])


def _is_code(text: str) -> bool:
    signs = r"^\s*(?:def |import |from \w+ import|class |@|<\w+|return\b)|[{;]\s*$|\{\s*[\"'\w-]+\s*:|=>|\w\(\)\."
    return re.search(signs, text, re.MULTILINE) is not None


def names_of(source: str) -> list[Name]:
    """Every name that Python source defines: a name that it only uses was defined elsewhere."""
    names: list[Name] = []
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append(Name(node.lineno, node.name, node.name.startswith("test_")))
        elif isinstance(node, ast.ClassDef):
            names.append(Name(node.lineno, node.name))
        elif isinstance(node, ast.arg) and not (
            node.annotation and ast.unparse(node.annotation).endswith(LIBRARY_TYPES)
        ):
            names.append(Name(node.lineno, node.arg))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(Name(node.lineno, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.append(Name(node.lineno, node.attr))
        elif isinstance(node, ast.alias) and node.asname:
            names.append(Name(node.lineno, node.asname))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.append(Name(node.lineno, node.name))
    return list(dict.fromkeys(names))
