"""The lab's sources as a reader meets them: their prose, the names that they define, and what is wrong with either.

A sentence ends at a full stop, a question or an exclamation mark. A colon and a semicolon end one as well: what is before
can be read on its own. So do the ends of a paragraph, a list item, a heading and a table's cell. A code span, a formula, a link, an
address, a source in parentheses and a placeholder are one word each.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.banned_words import ALLOWED, BANNED, KEPT_FIELDS, KEPT_STRINGS, Banned

ROOT = Path(__file__).resolve().parents[1]
SCOPE = ("app.py", "pages", "ui", "labcore", "tests", "benchmarks", "docs", "README.md", "CHANGELOG.md")
KINDS = (".py", ".md", ".css", ".js")
SKIPPED = ("__pycache__", "tests/before", ".venv")
OF_WORDS = ("banned_words.py", "test_prose.py")  # hold the banned words to ban them
OF_PROSE = ("prose.py", "house.py", "faults.py")  # write about sentences, not about examples
MOST_WORDS = 25


@dataclass(frozen=True)
class Prose:
    """A paragraph: its first line's number, its text, and whether it is `spoken`, so that its sentences count."""

    line: int
    text: str
    spoken: bool = True


@dataclass(frozen=True)
class Name:
    """A name at its definition. `test`: of a test function, which is a sentence. owner: the class of a field."""

    line: int
    name: str
    test: bool = False
    owner: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong at a line of a file."""

    path: Path
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.says}"


def files(paths: tuple[Path, ...] = ()) -> list[Path]:
    """The sources, relative to the project; of `paths` alone if there are any."""
    roots = [ROOT / part for part in SCOPE]
    every = (file for root in roots for file in ([root] if root.is_file() else root.rglob("*")))
    chosen = [path.resolve() for path in paths]
    return sorted(
        file.relative_to(ROOT)
        for file in every
        if file.suffix in KINDS
        and not any(part in file.relative_to(ROOT).as_posix() for part in SKIPPED)
        and (not chosen or any(file.is_relative_to(path) for path in chosen))
    )


# -- reading -----------------------------------------------------------------------------------------


def prose_of(suffix: str, source: str) -> list[Prose]:
    """Every paragraph of a source, by its file's suffix."""
    if suffix == ".py":
        return [*_comments(source), *_strings(source)]
    if suffix == ".md":
        return list(paragraphs(source))
    return [Prose(1, source, spoken=False)]


def paragraphs(text: str, first: int = 1) -> Iterator[Prose]:
    """The paragraphs, headings, list items and table cells of Markdown or of a docstring. Code blocks are left out."""
    lines, start, code = [], first, False

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
        alone = token.line.strip().startswith("#")
        if block and not (alone and line == last + 1):
            yield Prose(start, "\n".join(block))
            block = []
        if alone:
            start = start if block else line
            block, last = [*block, text], line
        else:
            yield Prose(line, text)
    if block:
        yield Prose(start, "\n".join(block))


def _strings(source: str) -> Iterator[Prose]:
    """Docstrings by paragraph; other strings as they are. A string of one word is not spoken."""
    tree = ast.parse(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docstrings = {id(node.value) for node in ast.walk(tree) if _is_text(node)}
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


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a string and nothing else: a docstring, or a text below a field."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


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
    found: list[Name] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(Name(node.lineno, node.name, node.name.startswith("test_")))
        elif isinstance(node, ast.ClassDef):
            found.append(Name(node.lineno, node.name))
            fields = (part.target for part in node.body if isinstance(part, ast.AnnAssign))
            found += [Name(field.lineno, field.id, owner=node.name) for field in fields if isinstance(field, ast.Name)]
        elif isinstance(node, ast.arg):
            found.append(Name(node.lineno, node.arg))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(Name(node.lineno, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.append(Name(node.lineno, node.attr))
        elif isinstance(node, ast.alias) and node.asname:
            found.append(Name(node.lineno, node.asname))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.append(Name(node.lineno, node.name))
    fields = {(name.line, name.name) for name in found if name.owner}
    return [name for name in dict.fromkeys(found) if name.owner or (name.line, name.name) not in fields]


# -- words -------------------------------------------------------------------------------------------


@cache
def _pattern(banned: Banned, names: bool) -> re.Pattern[str] | None:
    patterns = "|".join((*banned.prose, *(banned.names if names else ())))
    return re.compile(rf"(?<![A-Za-z])(?:{patterns})(?![A-Za-z])", re.IGNORECASE) if patterns else None


def words_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Banned words in prose: lines below the first, the word, what to say."""
    yield from _matches(_without_kept(text), names=False)


def words_in_name(name: str, test: bool = False) -> Iterator[tuple[str, str]]:
    """Banned words in a name, and what to say. The name of a test is prose."""
    yield from ((word, say) for _, word, say in _matches(name.strip("_"), names=not test))


def _matches(text: str, names: bool) -> Iterator[tuple[int, str, str]]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).replace("_", " ")
    for banned in BANNED:
        if (pattern := _pattern(banned, names)) is not None:
            for match in pattern.finditer(split.replace("\n", " ")):
                yield split.count("\n", 0, match.start()), match[0], banned.say


def _without_kept(text: str) -> str:
    """Text without the words that are not the lab's own: names of files and keys, and titles of papers that are linked."""
    text = re.sub(
        r"`([^`\n]*)`", lambda m: "`" + " " * len(m[1]) + "`" if m[1].strip("\"'") in KEPT_STRINGS else m[0], text
    )
    text = re.sub(r"\[([^\]]*)\]\(https?://[^)]*\)", lambda m: re.sub(r"\S", " ", m[0]), text)
    for allowed in (*ALLOWED, r"https?://\S+"):
        text = re.sub(allowed, lambda m: re.sub(r"\S", "·", m[0]), text)
    return text


def banned_words(path: Path, source: str) -> list[Fault]:
    """The banned words of a source, its module's name among them."""
    if path.name in OF_WORDS:
        return []
    of_prose = path.stem.removeprefix("test_") + ".py" in OF_PROSE
    faults = [Fault(path, 1, f"module {word!r} → {say}") for word, say in words_in_name(path.stem)]
    if path.suffix == ".py":
        for name in names_of(source):
            if f"{name.owner}.{name.name}" in KEPT_FIELDS:
                continue
            faults += [
                Fault(path, name.line, f"name {name.name!r}: {word!r} → {say}")
                for word, say in words_in_name(name.name, name.test)
                if not (of_prose and word.lower() in ("sentence", "sentences"))
            ]
    for part in prose_of(path.suffix, source):
        faults += [Fault(path, part.line + below, f"{word!r} → {say}") for below, word, say in words_in(part.text)]
    return sorted(set(faults), key=lambda fault: (fault.line, fault.says))


# -- sentences ---------------------------------------------------------------------------------------

_ONE_WORD = (
    r"`[^`\n]*`",  # code
    r"\$[^$]+\$",  # a formula
    r"!?\[[^\]]*\]\([^)]*\)",  # a link, a picture
    r"https?://\S*[\w/]",
    r"\{[^{}]*\}",  # a placeholder
    r"\([^()]*(?:\b(?:19|20)\d\d\b|⧉)[^()]*\)",  # a source: a year, or an address
)
_SHORT = r"(?<!\be\.g)(?<!\bi\.e)(?<!\bet al)(?<!\bvs)(?<!\bcf)(?<!\bSt)(?<!\bNo)"  # a full stop that ends no sentence
_END = re.compile(rf"{_SHORT}[.!?:;…]+[\"'”’)*_]*(?=\s|$)")


def sentences(text: str) -> Iterator[tuple[int, str, int]]:
    """The sentences of a paragraph: lines below the first, the text, its number of words."""
    plain = re.sub(r":material/\w+:", "", text)
    for pattern in _ONE_WORD:
        plain = re.sub(pattern, lambda m: "⧉" + "\n" * m[0].count("\n"), plain)
    start = 0
    for end in [*(match.end() for match in _END.finditer(plain)), len(plain)]:
        sentence = plain[start:end]
        if sentence.strip():
            before = plain[:start] + sentence[: len(sentence) - len(sentence.lstrip())]
            yield before.count("\n"), " ".join(sentence.split()), _words(sentence)
        start = end


def _words(sentence: str) -> int:
    """How many words a sentence has. An operator joins its two sides to one."""
    tokens = [token.strip("()[]«»“”\"'*_,.;:!?") for token in sentence.split()]
    words = sum(any(sign.isalnum() or sign == "⧉" for sign in token) for token in tokens)
    operators = sum(bool(re.fullmatch(r"[=+·×/<>≤≥≈→−‖^√Σ∑∂|]+", token)) for token in tokens)
    return max(words - operators, 0)


def long_sentences(path: Path, source: str) -> list[Fault]:
    """The sentences of more than `MOST_WORDS` words. Style sheets and scripts have none."""
    return [
        Fault(path, part.line + below, f"{count} words: {_short(text)}")
        for part in prose_of(path.suffix, source)
        if part.spoken
        for below, text, count in sentences(part.text)
        if count > MOST_WORDS
    ]


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:60]} … {text[-25:]}"


# -- functions ---------------------------------------------------------------------------------------


def undocumented_raises(path: Path, source: str) -> list[Fault]:
    """Public functions and methods that raise an exception of their own, and whose docstring has no "Raises"."""
    faults = []
    for node in _public(ast.parse(source)):
        raised = dict.fromkeys(_raised(node))
        if raised and not re.search(r"\braises?\b", ast.get_docstring(node) or "", re.IGNORECASE):
            faults.append(Fault(path, node.lineno, f"{node.name} raises {', '.join(raised)}"))
    return faults


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods whose name, and whose class's name, has no underscore in front."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def _raised(function: ast.AST) -> Iterator[str]:
    """Exceptions that a function makes; not what it passes on, and not what functions inside it raise."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = ast.unparse(kind).split(".")[-1]
            if name[:1].isupper() and name not in ("NotImplementedError", "AssertionError"):
                yield name
        yield from _raised(node)
