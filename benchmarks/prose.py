"""What is wrong with the lab's prose and names: banned words, long sentences, exceptions that a docstring leaves out.

A sentence ends at a full stop, a question mark or an exclamation mark. A colon and a semicolon end one as well: what is
before them can be read on its own. So does the end of a paragraph, a list item, a heading or a table's cell. A code
span, a formula, a link, an address, a source in parentheses and a placeholder are one word each.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.banned_words import ALLOWED, BANNED, KEPT_STRINGS, Banned
from benchmarks.sources import names_of, prose_of, tree_of

OF_WORDS = ("banned_words.py", "test_prose.py")  # hold the banned words to ban them
OF_PROSE = ("prose", "sources", "house", "faults")  # write about sentences, not about examples
MOST_WORDS = 25


@dataclass(frozen=True)
class Fault:
    """What is wrong at a line of a file."""

    path: Path
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.says}"


# -- words -------------------------------------------------------------------------------------------


@cache
def _pattern(banned: Banned, names: bool) -> re.Pattern[str] | None:
    patterns = "|".join((*banned.prose, *(banned.names if names else ())))
    return re.compile(rf"(?<![A-Za-z])(?:{patterns})(?![A-Za-z])", re.IGNORECASE) if patterns else None


def words_in(text: str, spoken: bool = True) -> Iterator[tuple[int, str, str]]:
    """Banned words in prose: lines below the first, the word, what to say."""
    plain = _without_kept(text)
    yield from _matches(plain, [banned for banned in BANNED if not banned.spoken])
    if spoken:
        plain = re.sub(r"`[^`\n]*`", "⧉", plain)
        yield from _matches(plain, [banned for banned in BANNED if banned.spoken])


def words_in_name(name: str, test: bool = False) -> Iterator[tuple[str, str]]:
    """Banned words in a name, and what to say. The name of a test is prose."""
    every = [banned for banned in BANNED if not banned.spoken]
    yield from ((word, say) for _, word, say in _matches(name.strip("_"), every, names=not test))


def _matches(text: str, every: list[Banned], names: bool = False) -> Iterator[tuple[int, str, str]]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).replace("_", " ")
    for banned in every:
        if (pattern := _pattern(banned, names)) is not None:
            for match in pattern.finditer(split.replace("\n", " ")):
                yield split.count("\n", 0, match.start()), match[0], banned.say


def _without_kept(text: str) -> str:
    """Text without words that are not the lab's own: stored keys, icons, commands, titles of papers, addresses."""
    text = re.sub(r"`([^`\n]*)`", lambda code: "⧉" if code[1].strip("\"'") in KEPT_STRINGS else code[0], text)
    for foreign in (*ALLOWED, r"\[[^\]]*\]\(https?://[^)]*\)", r"https?://\S+"):
        text = re.sub(foreign, lambda match: "⧉" + "\n" * match[0].count("\n"), text)
    return text


def banned_words(path: Path, source: str) -> list[Fault]:
    """The banned words of a source, its module's name among them."""
    if path.name in OF_WORDS:
        return []
    of_prose = path.stem.removeprefix("test_") in OF_PROSE
    module = "" if path.stem in KEPT_STRINGS else path.stem
    faults = [Fault(path, 1, f"module {word!r} → {say}") for word, say in words_in_name(module)]
    if path.suffix == ".py":
        for name in names_of(source):
            faults += [
                Fault(path, name.line, f"name {name.name!r}: {word!r} → {say}")
                for word, say in words_in_name(name.name, name.test)
                if not (of_prose and word.lower() in ("sentence", "sentences"))
            ]
    for part in prose_of(path.suffix, source):
        faults += [
            Fault(path, part.line + below, f"{word!r} → {say}") for below, word, say in words_in(part.text, part.spoken)
        ]
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
    plain = re.sub(r":material/[^:\s]+:", "", text)
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
    for node in _public(tree_of(source)):
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
