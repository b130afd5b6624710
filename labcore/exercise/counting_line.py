"""The attempt code that the page shows, and the line that `grade mine.py --attempt CODE` prints in return.

Both are plain text without spaces, so that a terminal or a notebook may wrap them. The code holds the mark of the
attempt and the designs of its students; so the models can be counted where there is no server. The line binds the
mark, the designs and every count.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labcore.config.checks import shown
from labcore.config.json_data import parsed, whole_object
from labcore.config.packing import packed, unpacked
from labcore.config.spec import Spec, SpecError
from labcore.exercise.attempt import MAX_LINE, MAX_PARAMETERS, SLOTS, Attempt, Slot

DRAWN = 6  # models that are drawn for one attempt
FIELDS = ("total", "trainable", "nonzero")
MAX_CODE = 20_000  # characters; a code has some hundred
MAX_STAND_IN = 500_000_000  # parameters of a model that is built by its shapes
Shapes = tuple[tuple[int, ...], ...]  # of a model's parameters: how many have a shape, and the shape
_FORM = re.compile(r"counted-1:([0-9a-f]{16}):([0-9a-f]{16}):([0-9./]+):([0-9./]+):([0-9a-f]{8})")
COPY_CODE = "copy the whole command from stage 2 of the Exercise page"
COPY_LINE = "copy the whole line that `grade` printed, which begins with `counted-1`"


def attempt_code(attempt: Attempt, mark: str, shapes: tuple[Shapes, ...] | None = None) -> str:
    """The code of an attempt: its mark, and its teacher and students, compressed.

    shapes: of the teacher and of the students, for machines that lack the teacher.
    """
    content = _designs(attempt) | ({} if shapes is None else {"shapes": shapes})
    return f"{mark}.{packed(json.dumps(content, separators=(',', ':')))}"


def read_code(code: str) -> Attempt:
    """The mark, as the attempt's id, with the teacher and the students of a code. Raises SpecError if it is no code."""
    mark, given = _content(code)
    students = given["students"]
    if not isinstance(students, list) or len(students) != len(SLOTS):
        raise SpecError(f"the attempt code has students {shown(students)}; {COPY_CODE}")
    slots = tuple(Slot(Spec.from_dict({"steps": steps}).steps) for steps in students)
    return Attempt(mark, teacher=given["teacher"], slots=slots)


def shapes_in(code: str) -> tuple[Shapes, ...] | None:
    """The shapes of the teacher and of the students in a code; None if it holds none. Raises SpecError."""
    given = _content(code)[1].get("shapes")
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 1 + len(SLOTS) or not all(map(_is_shapes, given)):
        raise SpecError(f"the attempt code has shapes {shown(given)}; {COPY_CODE}")
    return tuple(tuple(tuple(shape) for shape in model) for model in given)


def _is_shapes(model: object) -> bool:
    """Whether these are the shapes of one model that fits into memory."""
    if not isinstance(model, list) or not all(isinstance(shape, list) and 2 <= len(shape) <= 5 for shape in model):
        return False
    if not all(type(size) is int and 1 <= size <= MAX_STAND_IN for shape in model for size in shape):
        return False
    return 1 <= sum(math.prod(shape) for shape in model) <= MAX_STAND_IN


def _content(code: str) -> tuple[str, dict[str, Any]]:
    """The mark of a code, and what it holds. Raises SpecError if it is no code."""
    mark, _, designs = "".join(code.split()).partition(".")
    if not designs or len(designs) > MAX_CODE:
        raise SpecError(f"the attempt code is {shown(code)}, which holds no students; {COPY_CODE}")
    try:
        text = unpacked(designs, MAX_CODE)
    except ValueError as error:
        raise SpecError(f"the attempt code can't be read ({error}); {COPY_CODE}") from None
    data = parsed(text, "the attempt code", COPY_CODE)
    more = ("shapes",) if isinstance(data, dict) and "shapes" in data else ()
    return mark, whole_object("the attempt code", data, ("teacher", "students", *more))


def _designs(attempt: Attempt) -> dict[str, object]:
    students = [attempt.spec(slot).to_dict()["steps"] for slot in range(len(SLOTS))]
    return {"teacher": attempt.teacher, "students": students}


def designs_digest(attempt: Attempt) -> str:
    """What names the teacher and the three students, in their order."""
    return hashlib.sha256(json.dumps(_designs(attempt), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CountingLine:
    """A person's counts of models that were drawn for one attempt.

    mark: of the attempt. designs: `designs_digest` of its teacher and students. totals: of the teacher and of A, B, C.
    drawn: total, trainable and non-zero parameters of each drawn model, in order.
    """

    mark: str
    designs: str
    totals: tuple[int, ...]
    drawn: tuple[tuple[int, ...], ...]

    def to_text(self) -> str:
        """The line to paste; its last part is a check that the line was copied whole."""
        drawn = "/".join(".".join(map(str, counts)) for counts in self.drawn)
        body = f"counted-1:{self.mark}:{self.designs}:{'.'.join(map(str, self.totals))}:{drawn}"
        return f"{body}:{_check_part(body)}"


def read_line(text: str) -> CountingLine:
    """The counts in a pasted line. Raises SpecError if it is no counting line, or not a whole one."""
    line = "".join(text.split()).strip("`'\"")
    form = _FORM.fullmatch(line) if len(line) <= MAX_LINE else None
    if form is None:
        raise SpecError(f"it is no counting line; {COPY_LINE}")
    if _check_part(line.rpartition(":")[0]) != form[5]:
        raise SpecError(f"it is damaged; {COPY_LINE}")
    totals, drawn = _numbers(form[3]), tuple(_numbers(each) for each in form[4].split("/"))
    if len(totals) != 1 + len(SLOTS) or [len(each) for each in drawn] != [len(FIELDS)] * DRAWN:
        raise SpecError(f"it has not the counts of {1 + len(SLOTS)} models and {DRAWN} drawn ones; {COPY_LINE}")
    if not all(1 <= total <= MAX_PARAMETERS for total in totals):
        raise SpecError(f"it holds a total out of range; {COPY_LINE}")
    return CountingLine(form[1], form[2], totals, drawn)


def _numbers(text: str) -> tuple[int, ...]:
    parts: Sequence[str] = text.split(".")
    if not all(part.isdecimal() and len(part) <= 15 for part in parts):
        raise SpecError(f"it holds a count that is no number; {COPY_LINE}")
    return tuple(map(int, parts))


def _check_part(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]
