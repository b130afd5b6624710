"""The lab speaks the field's words in short sentences, and documents what it raises; and the checks see faults."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks import house
from benchmarks.banned_words import BANNED, KEPT_STRINGS
from benchmarks.prose import Fault, banned_words, long_sentences, sentences, undocumented_raises, words_in
from benchmarks.sources import files

CODE, PAGE = Path("labcore/somewhere.py"), Path("docs/somewhere.md")


def words(text: str) -> list[str]:
    return [word for _, word, _ in words_in(text)]


def lines_of(reported: list[Fault]) -> list[int]:
    return [fault.line for fault in reported]


# -- the lab ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["words", "sentences", "raises"])
def test_the_lab_is_free_of(name: str) -> None:
    if reported := house.faults([name], files())[name]:
        first = "\n".join(map(str, reported[:20]))
        pytest.fail(f"{len(reported)} in all: python -m benchmarks.house -v --only {name}\n{first}", pytrace=False)


def test_what_keeps_its_name_is_there() -> None:
    """An allowance for a string that is gone would hide the next fault."""
    sources = [house.read(path) for path in files() if path.suffix == ".py" and path.parts[0] in house.PRODUCT]
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    assert set(KEPT_STRINGS) - {node.value for node in nodes} == set()


# -- words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "banned"),
    [
        ("Copy this lesson.", "lesson"),
        ("The student's answers", "answers"),
        ("the word pieces of a row", "pieces"),
        ("256 training sentences", "training sentences"),
        ("It is taught by hand.", "taught"),
        ("with the teacher and alone", "and alone"),
        ("its pull on the student", "pull"),
        ("drawn anew", "anew"),
        ("a guide's logits", "guide"),
        ("Evidence for a step", "Evidence"),
        ("the material of a run", "material"),
        ("what is at hand", "at hand"),
        ("in each reading", "each reading"),
        ("theirs are cheaper", "theirs"),
        ("spelled with shorter ones", "spelled"),
        ("cut it out of the teacher", "cut it out of"),
        ("the weights of the loss", "weights of the loss"),
        ("a share of the lesson's steps, a share of the training", "share of the training"),
        ("judged by its teacher", "judged"),
        ("the fates of a prediction", "fates"),
        ("loyalty to the teacher", "loyalty"),
        ("a rival of this run", "rival"),
        ("a suspicion", "suspicion"),
        ("by dose", "dose"),
        ("by way of an assistant", "by way of"),
        ("a remedy", "remedy"),
        ("it is sound", "is sound"),
        ("a word that says nothing", "says nothing"),
        ("which trades best", "trades best"),
        ("each series of seeds", "series"),
        ("one experiment", "experiment"),
        ("the recordings that ship", "recordings"),
        ("a hand-in, or what they handed in", "hand-in"),
        ("at most so many", "so many"),
        ("they can't be told apart", "can't be told"),
        ("the page says why", "the page says"),
        ("points to the teacher", "points to the teacher"),
        ("its behavior", "behavior"),
    ],
)
def test_a_banned_word_is_seen(text: str, banned: str) -> None:
    assert banned in words(text)


@pytest.mark.parametrize(
    "text",
    [
        "probability loyalty",
        "your answer",
        "a guided tour in labcore/guide",
        ":material/home: and Material Symbols Rounded",
        "sorted by hand in each test",
        "a straight line",
        "the suspected word",
        "`python -m labcore record` and `sweep --recorded`",
        "the field `judgement` of an event",
        "the WordPiece algorithm",
        "[On evidence and its pull](https://example.org/lesson)",
        "`color` and `Optimizer`, `optimize`",
        "a teacher, alone in a file that was not found",
        "misspelt, a marshall",
    ],
)
def test_the_fields_words_pass(text: str) -> None:
    assert words(text) == []


def test_every_row_is_searched_once() -> None:
    assert all(banned.prose or banned.names for banned in BANNED)
    assert len({banned.say for banned in BANNED}) == len(BANNED)


def test_a_phrase_is_seen_across_lines_and_in_names() -> None:
    assert [(below, word) for below, word, _ in words_in("taken by\nway of it\nand drawn anew")] == [
        (2, "anew"),
        (0, "by way of"),
    ]
    assert words("`RunLesson`, `lesson_bar`, lesson-bar, LESSON") == ["Lesson", "lesson", "lesson", "LESSON"]


SOURCE = '''"""Fine."""
import labcore.thing as lesson
def build(how: int, *, whole: bool) -> int:
    found = how  # the guide
    self.theirs = f"a lesson {how} of the lab's"
    for rival in []: pass
    return {"judgement": found, "judge-box": "judgement"}
class HandIn:
    """Fine."""
    texts: int
def test_what_is_found_looks_whole() -> None: ...
def test_a_lesson() -> None: ...
def filter(record: logging.LogRecord) -> bool: ...
'''


def test_python_is_searched_in_names_comments_and_strings() -> None:
    reported = banned_words(CODE, SOURCE)
    assert lines_of(reported) == [2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12]
    assert str(reported[0]) == (
        "labcore/somewhere.py:2: name 'lesson': 'lesson' → "
        "training configuration, training run, assignment; name pages by subject"
    )


def test_a_use_of_a_name_is_no_fault_of_its_own() -> None:
    assert banned_words(CODE, "print(found, self.error_overlap, build(how=1))\n") == []


def test_a_module_and_a_style_sheet_are_searched() -> None:
    assert lines_of(banned_words(Path("ui/lesson_bar.py"), "")) == [1]
    assert lines_of(banned_words(Path("ui/page.css"), "p {}\n.st-key-lesson {\n}\n")) == [2]


# -- sentences ----------------------------------------------------------------------------------------

LONG = " ".join(["word"] * 26)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("One two. Three four five! Six?", [2, 3, 1]),
        ("One two: three four; five.", [2, 2, 1]),
        ("It takes 0.5 s, e.g. on a Mac.", [8]),
        ("Call `a.b(c, d)` or read [the whole page](docs/page.md) now", [6]),
        ("A loss of $a + b + c$ is low", [6]),
        ("loss = hard · entropy + soft · τ² is low", [3]),
        ("As BERT does (Mirzadeh et al., 2020, https://arxiv.org/abs/1902.03393).", [4]),
        ("It lasts {…} s — so far", [6]),
        ("**Bold words.** And more", [2, 2]),
        (LONG, [26]),
    ],
)
def test_words_of_a_sentence(text: str, counts: list[int]) -> None:
    assert [count for _, _, count in sentences(text)] == counts


def test_a_sentence_goes_over_lines_and_not_over_paragraphs() -> None:
    half = " ".join(["word"] * 13)
    assert lines_of(long_sentences(PAGE, f"Fine.\n\nFine.\n{half}\n{half}.\n")) == [4]
    assert (
        long_sentences(PAGE, f"{half}\n\n{half}\n\n- {half}\n- {half}\n\n# {half}\n{half}\n| {half} | {half} |\n") == []
    )


def test_code_is_no_sentence() -> None:
    assert long_sentences(PAGE, f"```\n{LONG}\n```\n\n    {LONG}\n") == []
    assert lines_of(long_sentences(PAGE, f"```\nx\n```\n{LONG}\n")) == [4]
    assert long_sentences(Path("ui/page.css"), LONG) == []


def test_sentences_of_python_are_in_docstrings_strings_and_comments() -> None:
    source = (
        f'"""Fine.\n\n{LONG}\n"""\nst.caption(\n    "Fine. "\n    "{LONG}"\n)\n# Fine.\n# {LONG}\nx = f"{{x}} {LONG}"\n'
    )
    assert lines_of(sorted(long_sentences(CODE, source), key=lambda fault: fault.line)) == [3, 6, 10, 11]
    assert ast.parse(source)


# -- exceptions ---------------------------------------------------------------------------------------


def test_an_exception_without_a_word_is_seen() -> None:
    source = '''
def silent():
    """A value."""
    raise ValueError("no")
def documented():
    """A value. Raises ValueError if there is none."""
    raise ValueError("no")
def _private():
    raise ValueError("no")
def passes_on():
    """A value."""
    try: ...
    except ValueError as error: raise error
    except OSError: raise
def inside():
    """A value."""
    def wrapper(): raise ValueError("no")
    return wrapper
def abstract():
    raise NotImplementedError
class Public:
    def silent(self):
        if self: raise errors.SpecError("no") from None
class _Private:
    def silent(self):
        raise ValueError("no")
'''
    reported = undocumented_raises(CODE, source)
    assert [fault.says for fault in reported] == ["silent raises ValueError", "silent raises SpecError"]
    assert lines_of(reported) == [2, 22]
