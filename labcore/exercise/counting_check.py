"""A person's own `count_parameters`, checked on models that reveal mistakes. Their code never runs on a server.

The exercise requests a function of a torch module that returns

    {"total": …, "trainable": …, "nonzero": …}

total: the number of elements of all parameters. Each parameter counts once, even if it is used often or has several
names. trainable: those of them in parameters with `requires_grad`. nonzero: those of the total, trainable or not, whose
value is not 0; -0.0 is 0, and a tiny value is not. Buffers, such as running means and masks, are not parameters.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Number
from typing import Any

import torch
from torch import nn

from labcore.config.checks import shown
from labcore.config.spec import Spec
from labcore.exercise.counter_file import FUNCTION, failure, load_counter
from labcore.exercise.counting_cases import CASES, HINTS, Case, built
from labcore.exercise.counting_line import FIELDS
from labcore.exercise.model_changes import Snapshot
from labcore.models import classifier
from labcore.models.structure import build
from labcore.runs.cache import cached_student, structure_of_design
from labcore.teacher.built_in import has_weights

__all__ = ["CASES", "FIELDS", "FUNCTION", "Case", "Outcome", "check", "count", "load_counter", "model_of"]

FORM = "return {" + ", ".join(f'"{field}": …' for field in FIELDS) + "}"


@dataclass(frozen=True)
class Outcome:
    """A function's result for a case. `wrong`: what is not right, in words; empty if everything is right."""

    case: str
    wrong: str

    @property
    def passed(self) -> bool:
        """Whether every count is right."""
        return not self.wrong


def model_of(spec: Spec) -> nn.Module:
    """A spec's student as a torch module, for a person's own function; random weights if the teacher has none."""
    if has_weights(spec.teacher):
        return cached_student(spec).model
    return classifier.initialise_randomly(build(structure_of_design(spec))).eval()


def check(counter: Callable[[nn.Module], Any], cases: Iterable[Case] = CASES) -> Iterator[Outcome]:
    """Each case's outcome, one after another. Each model is new, and must be unchanged after the call."""
    torch.set_flush_denormal(False)  # a library may have switched it on: then the tiniest values would read as 0
    for case, model in built(cases):
        returned, wrong = _call(counter, model)
        if case.then and not wrong:
            case.then(model)
            returned, wrong = _call(counter, model)
        yield Outcome(case.name, wrong or _wrong(returned, case))


def _call(counter: Callable[[nn.Module], Any], model: nn.Module) -> tuple[object, str]:
    """The function's return value for a model, and what went wrong in the call; empty if nothing did."""
    before = Snapshot.of(model)
    try:
        returned = counter(model)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, f"it failed: {failure(error)}"
    if changes := before.changes(model):
        return None, f"it changed the model: {'; '.join(changes)}; undo it at the end, or work on copy.deepcopy(model)"
    return returned, ""


# -- the return value ----------------------------------------------------------------------------------


def count(counter: Callable[[nn.Module], Any], model: nn.Module) -> tuple[tuple[int, ...], str]:
    """The function's counts of a model, in the order of FIELDS, and why there are none; empty if there are."""
    returned, wrong = _call(counter, model)
    if not wrong:
        counts, wrong = _read(returned)
    if not wrong:
        wrong = "; ".join(_mistakes(counts))
    return ((), wrong) if wrong else (tuple(int(counts[field]) for field in FIELDS), "")


def _wrong(returned: object, case: Case) -> str:
    """The mistakes in the return value; never with the right count."""
    counts, unreadable = _read(returned)
    if unreadable:
        return unreadable
    mistakes = _mistakes(counts)
    off = [field for field, given in counts.items() if not _no_count(given) and given != case.right[field]]
    mistakes += [f"{field} is {_many(counts[field])}, too {_way(counts[field], case.right[field])}" for field in off]
    return "; ".join(mistakes) + (f" ({_hint(off, case)})" if off else "")


def _read(returned: object) -> tuple[dict[str, Any], str]:
    """The three values in the return value, and why they can't be read; empty if they can."""
    if returned is None:
        return {}, f"it returned None: printing is not returning; {FORM}"
    if not isinstance(returned, Mapping):
        return {}, f"it returned {_quoted(returned)}; {FORM}"
    try:
        given = dict(returned)
    except Exception as error:
        return {}, f"its return value can't be read ({failure(error)}); {FORM}"
    if lacking := [field for field in FIELDS if field not in given]:
        return {}, f"{_lacking(lacking, given)}; {FORM}"
    return {field: _scalar(given[field]) for field in FIELDS}, ""


def _mistakes(counts: Mapping[str, object]) -> list[str]:
    """Why values are no counts. Fields with one advice are one mistake."""
    by_advice: dict[str, list[str]] = {}
    for field, value in counts.items():
        if words := _no_count(value):
            what, to_do = words
            by_advice.setdefault(to_do, []).append(f"{field} is {what}")
    return [f"{', '.join(fields)}; {to_do}" for to_do, fields in by_advice.items()]


def _way(count: Any, right: int) -> str:
    return "many" if count > right else "few"


def _many(count: Any) -> str:
    return f"{int(count):,}" if count < 10**20 else shown(int(count))


def _hint(off: list[str], case: Case) -> str:
    if set(off) & set(case.about):
        return case.hint
    return "; ".join(HINTS[field] for field in off)


def _lacking(lacking: list[str], given: Mapping[object, object]) -> str:
    names = [str(name) for name in given]
    words = []
    for field in lacking:
        alike = {_plain(name): name for name in names if name not in FIELDS}
        close = difflib.get_close_matches(field, alike, n=1, cutoff=0.6)
        words.append(f"{field!r}" + (f" (it has {alike[close[0]]!r}: rename it)" if close else ""))
    return f"the returned dict lacks {', '.join(words)}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _no_count(value: object) -> tuple[str, str] | None:
    """Why a value can't be a count: what it is, and what to do."""
    if value is None:
        return "None", "give a number"
    if isinstance(value, bool):
        return str(value), "give a number, not whether there are any"
    if isinstance(value, str):
        return f"the text {_quoted(value)}", "give a number, without quotes"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"a tensor or an array of the shape {tuple(shape)}", "give one number: add it up"
    if not isinstance(value, Number) or isinstance(value, complex):
        return _quoted(value), "give a number"
    number: Any = value
    if not isinstance(number, int) and (not math.isfinite(number) or number != int(number)):
        return _quoted(value), "give a whole number: count elements, without scaling, averages or bytes"
    return (_quoted(value), "a count is not negative") if number < 0 else None


def _scalar(value: object) -> object:
    """The Python number in a tensor or an array of one element; anything else as it is."""
    number: Any = value
    try:
        if isinstance(value, torch.Tensor):
            return number.item() if value.numel() == 1 else value
        return number.item() if type(value).__module__ == "numpy" and number.size == 1 else value
    except Exception:  # a tensor without values, on the meta device
        return value


def _quoted(value: object) -> str:
    try:
        return shown(value)
    except Exception:
        return f"a {type(value).__name__}"
