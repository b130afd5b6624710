"""A person's own `count_parameters`, checked on models that trip it up. Their code runs on their own machine, never on a server.

What is asked for: a function of a torch module that answers

    {"total": …, "trainable": …, "nonzero": …}

total: the numbers in all parameters, each parameter once, however often it is used. trainable: of these, those that an
optimiser would move. nonzero: of these, those that are not 0. Buffers, such as running means, are no parameters.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from labcore.runs.workbench import structure_of_design, student_at_hand
from labcore.spec import Spec
from labcore.steps import SpecError, shown
from labcore.student.structure import build
from labcore.teacher import bert
from labcore.teacher.architecture import BUILT_IN, has_weights

FUNCTION = "count_parameters"
FIELDS = ("total", "trainable", "nonzero")

Counter = Callable[[nn.Module], Any]


@dataclass(frozen=True)
class Case:
    """A model, what it tests, its right counts by hand, and what a wrong answer may come from."""

    name: str
    build: Callable[[], nn.Module]
    right: Mapping[str, int]
    hint: str


@dataclass(frozen=True)
class Outcome:
    """What a function answered for a case; `wrong` says what is not right, and is empty where all is."""

    case: str
    wrong: str

    @property
    def passed(self) -> bool:
        """Whether every count is right."""
        return not self.wrong


# -- the models ----------------------------------------------------------------------------------------


def _filled(module: nn.Module) -> nn.Module:
    """The module with no zero in any parameter."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0.5)
    return module


def _tied() -> nn.Module:
    embeddings, output = nn.Embedding(10, 4), nn.Linear(4, 10, bias=False)
    output.weight = embeddings.weight
    return _filled(nn.Sequential(embeddings, output))


def _shared() -> nn.Module:
    layer = nn.Linear(3, 3)
    return _filled(nn.Sequential(layer, nn.ReLU(), layer))


def _frozen() -> nn.Module:
    model = _filled(nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)))
    model[0].requires_grad_(False)  # type: ignore[index]
    return model


def _sparse() -> nn.Module:
    model = _filled(nn.Linear(4, 3))
    with torch.no_grad():
        model.weight[:, :2] = 0  # type: ignore[operator]
    return model


def _bare() -> nn.Module:
    model = nn.Module()
    model.scale, model.gain = nn.Parameter(torch.tensor(2.0)), nn.Parameter(torch.ones(5))
    model.layers = nn.ModuleList([nn.Linear(2, 2)])
    return _filled(model)


def _bert() -> nn.Module:
    return _filled(bert.start_at_random(bert.build(BUILT_IN["bert-tiny"]), seed=0))


TINY_BERT = 4_385_920 + 2 * 128 + 2  # Turc et al., 2019, https://arxiv.org/abs/1908.08962, and a classifier of two
CASES = (
    Case("a linear layer", lambda: _filled(nn.Linear(4, 3)), dict.fromkeys(FIELDS, 15), "weights and bias: 4 · 3 + 3"),
    Case("tied weights", _tied, dict.fromkeys(FIELDS, 40), "one matrix under two names is one matrix: `model.parameters()` gives it once, `state_dict` twice"),
    Case("a layer used twice", _shared, dict.fromkeys(FIELDS, 12), "the same layer in two places has one set of weights: walking over modules by hand meets it twice"),
    Case("frozen weights", _frozen, {"total": 23, "trainable": 8, "nonzero": 23}, "`requires_grad` False is not trained, and is still there"),
    Case("buffers", lambda: _filled(nn.BatchNorm1d(5)), dict.fromkeys(FIELDS, 10), "running means are buffers: they are in `state_dict`, and no parameters"),
    Case("zeros", _sparse, {"total": 15, "trainable": 15, "nonzero": 9}, "a pruned weight is 0 and stays in its matrix: it counts in total, not in nonzero"),
    Case("parameters outside layers", _bare, dict.fromkeys(FIELDS, 12), "an `nn.Parameter` need not be the weight of a layer; a scalar is one number"),
    Case("BERT-tiny", _bert, dict.fromkeys(FIELDS, TINY_BERT), "embeddings, encoder, pooler and classifier, LayerNorm among them"),
)  # fmt: skip


def model_of(spec: Spec) -> nn.Module:
    """A spec's student as a torch module, to be counted by a person's own function; random weights where the teacher has none."""
    if has_weights(spec.teacher):
        return student_at_hand(spec).model
    return bert.start_at_random(build(structure_of_design(spec))).eval()


# -- the check -----------------------------------------------------------------------------------------


def load_counter(path: Path) -> Counter:
    """The function in a Python file, which is run. Raises SpecError where the file does not run or has no such function."""
    if not path.is_file():
        raise SpecError(f"{path} is not a file; give the Python file that has your {FUNCTION}")
    try:
        found = runpy.run_path(str(path)).get(FUNCTION)
    except (Exception, SystemExit) as error:
        raise SpecError(f"{path} can't be run: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise SpecError(f"{path} has no function {FUNCTION}; define it: def {FUNCTION}(model): …")
    counter: Counter = found
    return counter


def check(counter: Counter) -> Iterator[Outcome]:
    """Each case's outcome, one after another."""
    for case in CASES:
        model = case.build()
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        needed = [parameter.requires_grad for parameter in model.parameters()]
        try:
            answer = counter(model)
        except (Exception, SystemExit) as error:
            yield Outcome(case.name, f"it failed: {type(error).__name__}: {error}")
            continue
        after = model.state_dict()
        same = before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)
        if not same or needed != [parameter.requires_grad for parameter in model.parameters()]:
            yield Outcome(case.name, "it changed the model; count, and leave it as it is")
            continue
        yield Outcome(case.name, _wrong(answer, case))


def _wrong(answer: object, case: Case) -> str:
    if not isinstance(answer, Mapping):
        return f"it answered {shown(answer)}; give a dict of {', '.join(FIELDS)}"
    if missing := [field for field in FIELDS if field not in answer]:
        return f"its answer lacks {', '.join(missing)}; give a dict of {', '.join(FIELDS)}"
    parts = [
        f"{field} is {case.right[field]:,}, it says {shown(answer[field])}"
        for field in FIELDS
        if isinstance(answer[field], bool) or not _equal(answer[field], case.right[field])
    ]
    return f"{'; '.join(parts)} ({case.hint})" if parts else ""


def _equal(given: object, right: int) -> bool:
    """Whether a given number, which may be a tensor's, is this one exactly."""
    try:
        return bool(given == right)
    except Exception:
        return False
