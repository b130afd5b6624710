"""The exercise's counting: an honest function passes, and each usual mistake is found by the case made for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from labcore.__main__ import main
from labcore.exercise.counting import CASES, FIELDS, check, load_counter
from labcore.spec import SpecError


def counts(tensors: list[torch.Tensor], trainable: list[torch.Tensor] | None = None) -> dict[str, int]:
    return {
        "total": sum(t.numel() for t in tensors),
        "trainable": sum(t.numel() for t in (tensors if trainable is None else trainable)),
        "nonzero": sum(int((t != 0).sum()) for t in tensors),
    }


def honest(model: nn.Module) -> dict[str, int]:
    parameters = list(model.parameters())
    return counts(parameters, [p for p in parameters if p.requires_grad])


def by_state_dict(model: nn.Module) -> dict[str, int]:
    return counts(list(model.state_dict().values()))


def by_layers(model: nn.Module) -> dict[str, int]:
    """Every linear layer and embedding, wherever it stands."""
    layers = [m for _, m in model.named_modules(remove_duplicate=False) if isinstance(m, nn.Linear | nn.Embedding)]
    found = [p for layer in layers for p in layer.parameters()]
    return counts(found, [p for p in found if p.requires_grad])


def trainable_only(model: nn.Module) -> dict[str, int]:
    return counts([p for p in model.parameters() if p.requires_grad])


def forgets_zeros(model: nn.Module) -> dict[str, int]:
    found = honest(model)
    return found | {"nonzero": found["total"]}


def freezes(model: nn.Module) -> dict[str, int]:
    found = honest(model)
    model.requires_grad_(False)
    return found


def prunes(model: nn.Module) -> dict[str, int]:
    found = honest(model)
    with torch.no_grad():
        next(iter(model.parameters())).zero_()
    return found


EVERY = {case.name for case in CASES}
MISTAKES: list[tuple[Callable[[nn.Module], Any], set[str]]] = [
    (honest, set()),
    (lambda model: {name: torch.tensor(value) for name, value in honest(model).items()}, set()),
    (by_state_dict, {"tied weights", "a layer used twice", "frozen weights", "buffers"}),
    (by_layers, {"tied weights", "a layer used twice", "buffers", "parameters outside layers", "BERT-tiny"}),
    (trainable_only, {"frozen weights"}),
    (forgets_zeros, {"zeros"}),
    (freezes, EVERY),
    (prunes, EVERY),
    (lambda model: honest(model)["total"], EVERY),
    (lambda model: {"total": honest(model)["total"]}, EVERY),
    (lambda model: dict.fromkeys(FIELDS, True), EVERY),
    (lambda model: dict.fromkeys(FIELDS, "15"), EVERY),
    (lambda model: 1 / 0, EVERY),
    (lambda model: dict.fromkeys(FIELDS, 15), EVERY - {"a linear layer"}),  # typed in
]


@pytest.mark.parametrize(("counter", "found"), MISTAKES)
def test_a_mistake_is_found_where_it_matters(counter: Callable[[nn.Module], Any], found: set[str]) -> None:
    assert {outcome.case for outcome in check(counter) if not outcome.passed} == found


def test_the_right_counts_are_those_by_hand() -> None:
    for case in CASES:
        unique = {id(p): p for p in case.build().parameters()}.values()
        assert case.right == counts(list(unique), [p for p in unique if p.requires_grad])


def test_a_wrong_count_is_told_with_what_is_right_and_why() -> None:
    [tied] = [outcome for outcome in check(by_state_dict) if outcome.case == "tied weights"]
    assert "total is 40, it says 80" in tied.wrong
    assert "one matrix under two names" in tied.wrong


# -- from the command line -------------------------------------------------------------------------------

HONEST = """
def count_parameters(model):
    every = list(model.parameters())
    return {
        "total": sum(p.numel() for p in every),
        "trainable": sum(p.numel() for p in every if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in every),
    }
"""


def test_a_file_is_graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(HONEST)
    assert main(["grade", str(mine)]) == 0
    out = capsys.readouterr().out
    assert all(f"right  {case.name}" in out for case in CASES)
    assert out.rstrip().endswith(f"{len(CASES)} of {len(CASES)} right")
    mine.write_text(HONEST.replace(" if p.requires_grad", ""))
    assert main(["grade", str(mine)]) == 1
    out = capsys.readouterr().out
    assert "wrong  frozen weights: trainable is 8, it says 23" in out
    assert out.rstrip().endswith(f"{len(CASES) - 1} of {len(CASES)} right")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1", "has no function"),
        ("count_parameters = 3", "has no function"),
        ("def f(:", "can't be run"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_file_that_can_not_be_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, said: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(code)
    with pytest.raises(SpecError, match=said):
        load_counter(mine)
    assert main(["grade", str(mine)]) == 2
    assert said in capsys.readouterr().err
    assert main(["grade", str(tmp_path / "none.py")]) == 2
    assert "is not a file" in capsys.readouterr().err
