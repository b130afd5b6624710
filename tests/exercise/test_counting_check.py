"""The exercise's counting: right functions pass, and each usual mistake is caught by the case that was made for it."""

from __future__ import annotations

import math
import re
from collections import UserDict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.counters.right import RIGHT
from benchmarks.counters.right_styles import PLAIN
from benchmarks.counters.sample import Right, Wrong
from benchmarks.counters.wrong import WRONG
from benchmarks.counters.wrong_memory import WRONG_MEMORY
from labcore.__main__ import main
from labcore.exercise.counting_check import CASES, FIELDS, HINTS, check, load_counter
from tests.shared.full import first

NAMED = {case.name: case for case in CASES}


def honest(model: nn.Module) -> dict[str, int]:
    parameters = list(model.parameters())
    return {
        "total": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in parameters),
    }


# -- functions as students write them ------------------------------------------------------------------


@pytest.mark.parametrize("sample", first(8, WRONG), ids=lambda sample: sample.name)
def test_a_wrong_function_is_caught_by_the_cases_made_for_it(sample: Wrong, tmp_path: Path) -> None:
    first, last = CASES[0].name, max(list(NAMED).index(name) for name in sample.cases)
    needed = {first, *sample.cases}  # some mistakes show from the second model on, some in one like an earlier one
    cases = CASES[: last + 1] if sample in WRONG_MEMORY else [case for case in CASES if case.name in needed]
    outcomes = list(check(load_counter(sample.written(tmp_path)), cases))
    assert {outcome.case for outcome in outcomes if not outcome.passed} >= set(sample.cases)
    for outcome in outcomes:
        assert "\n" not in outcome.wrong
        for field, count in re.findall(r"(\w+) is ([\d,]+), too (?:many|few)", outcome.wrong):
            right = NAMED[outcome.case].right[field]
            assert f"too {'many' if int(count.replace(',', '')) > right else 'few'}" in outcome.wrong


@pytest.mark.parametrize("sample", RIGHT, ids=lambda sample: sample.name)
def test_a_right_function_passes(sample: Right, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = list(check(load_counter(sample.written(tmp_path))))
    assert [(outcome.case, outcome.wrong) for outcome in outcomes] == [(case.name, "") for case in CASES]
    assert capsys.readouterr().out == ""


def test_there_are_enough_of_them_and_each_case_has_its_mistake() -> None:
    assert len({sample.name for sample in WRONG}) == len(WRONG) >= 30
    assert len({sample.name for sample in RIGHT}) == len(RIGHT) >= 12
    assert {name for sample in WRONG for name in sample.cases} == set(NAMED)


# -- the cases -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_right_counts_are_those_by_hand(case: Any) -> None:
    model = case.build()
    if case.then:
        case.then(model)
    every = {id(p): p for m in model.modules() for p in m._parameters.values() if p is not None}.values()
    values = [(p.detach().double().flatten().numpy(), p.requires_grad) for p in every]
    assert case.right == {
        "total": sum(len(each) for each, _ in values),
        "trainable": sum(len(each) for each, trained in values if trained),
        "nonzero": sum(np.count_nonzero(each) for each, _ in values),
    }


def test_no_hint_holds_a_right_count() -> None:
    for case in CASES:
        numbers = {number.replace(",", "") for number in re.findall(r"[\d,]*\d", case.hint + " ".join(HINTS.values()))}
        assert not numbers & {str(count) for count in case.right.values()}


def test_every_kind_of_parameter_has_values_of_every_kind() -> None:
    """Biases, norms, word tables and matrices: each has negative ones, tiny ones, 0.0, and -0.0 is somewhere."""
    kinds = ("words.weight", "dense.weight", "dense.bias", "norm.weight", "norm.bias")
    names = ("negative values", "tiny values", "scattered zeros")
    negative, tiny, zeros = (NAMED[name].build() for name in names)
    for kind in kinds:
        assert (negative.get_parameter(kind) < 0).any()
        assert 0 < tiny.get_parameter(kind).abs().min() < 1e-40
        assert (zeros.get_parameter(kind) == 0).any()
    assert any(bool(((p == 0) & p.signbit()).any()) for p in zeros.parameters())
    assert any(not p.requires_grad and (p == 0).any() for p in NAMED["frozen weights"].build().parameters())
    assert all((p == 0).any() for p in NAMED["tied weights"].build().parameters())


def test_no_part_of_a_name_tells_what_is_trained() -> None:
    """Each part of a parameter's name (word_embeddings, 2, LayerNorm, bias, pooler …) has trained and frozen ones."""
    seen: dict[str, set[bool]] = {}
    for bert in (NAMED[name].build() for name in ("BERT-tiny", "BERT, other parts frozen")):
        for name, p in bert.named_parameters():
            for part in (*name.split("."), ".".join(name.split(".")[:2])):
                seen.setdefault(part, set()).add(p.requires_grad)
    assert len(seen) > 20
    assert {part for part, trained in seen.items() if trained != {True, False}} == set()


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_what_a_file_set_in_torch_changes_no_case(dtype: torch.dtype) -> None:
    before = torch.get_default_dtype()
    torch.set_flush_denormal(True)
    torch.set_default_dtype(dtype)
    try:
        assert [outcome.wrong for outcome in check(honest)] == [""] * len(CASES)
        assert torch.get_default_dtype() == dtype
    finally:
        torch.set_default_dtype(before)
        torch.set_flush_denormal(False)


# -- what is returned ----------------------------------------------------------------------------------

LINEAR = CASES[0]
FAR = 10**30


class Broken(UserDict[str, int]):
    def __getitem__(self, key: str) -> int:
        raise RuntimeError("no values")


class Shy:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (15, ""),
        (15.0, ""),
        (np.int32(15), ""),
        (np.array([15]), ""),
        (torch.tensor([[15]]), ""),
        (14, "total is 14, too few (a linear layer has a matrix and a bias)"),
        (1500, "total is 1,500, too many (a linear layer has a matrix and a bias)"),
        (FAR, "total is a number of more than 20 digits, too many (a linear layer has a matrix and a bias)"),
        (0, "total is 0, too few (a linear layer has a matrix and a bias)"),
        (-1, "total is -1; a count is not negative"),
        ("15", "total is the text '15'; give a number, without quotes"),
        (None, "total is None; give a number"),
        (True, "total is True; give a number, not whether there are any"),
        (torch.tensor(True), "total is True; give a number, not whether there are any"),
        (15.5, "total is 15.5; give a whole number: count elements, without scaling, averages or bytes"),
        (math.nan, "total is nan; give a whole number: count elements, without scaling, averages or bytes"),
        (math.inf, "total is inf; give a whole number: count elements, without scaling, averages or bytes"),
        (15j, "total is 15j; give a number"),
        ([15], "total is [15]; give a number"),
        (Shy(), "total is a Shy; give a number"),
        (torch.ones(3), "total is a tensor or an array of the shape (3,); give one number: add it up"),
        (torch.ones(1, device="meta"), "total is a tensor or an array of the shape (1,); give one number: add it up"),
    ],
)
def test_each_form_of_a_count_has_its_verdict(total: object, words: str) -> None:
    returned = MappingProxyType({"total": total, "trainable": 15, "nonzero": np.int64(15), "more": "taken"})
    [outcome] = check(lambda model: returned, [LINEAR])
    assert (outcome.wrong, outcome.passed) == (words, not words)


FORM = 'return {"total": …, "trainable": …, "nonzero": …}'


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, f"it returned None: printing is not returning; {FORM}"),
        ((15, 15, 15), f"it returned (15, 15, 15); {FORM}"),
        (Shy(), f"it returned a Shy; {FORM}"),
        ({"total": 15}, f"the returned dict lacks 'trainable', 'nonzero'; {FORM}"),
        (
            {"Total": 1, "trainable": 1, "non-zero": 1},
            "lacks 'total' (it has 'Total': rename it), 'nonzero' (it has 'non-zero': rename it)",
        ),
        (Broken(a=1), "its return value can't be read (RuntimeError: no values)"),
        (
            dict.fromkeys(FIELDS, "15"),
            "total is the text '15', trainable is the text '15', nonzero is the text '15'; give",
        ),
        (
            {"total": 14, "trainable": 16, "nonzero": "15"},
            "nonzero is the text '15'; give a number, without quotes; "
            "total is 14, too few; trainable is 16, too many (a",
        ),
        ({"total": 15, "trainable": 15, "nonzero": 3}, f"nonzero is 3, too few ({HINTS['nonzero']})"),
    ],
)
def test_each_form_of_a_return_value_has_its_verdict(returned: object, words: str) -> None:
    [outcome] = check(lambda model: returned, [LINEAR])
    assert words in outcome.wrong


def test_what_a_function_raises_is_an_outcome_but_ctrl_c_ends_it() -> None:
    def ends(model: nn.Module) -> Mapping[str, int]:
        raise GeneratorExit

    assert [outcome.wrong for outcome in check(ends, [LINEAR])] == ["it failed: GeneratorExit"]

    def stopped(model: nn.Module) -> Mapping[str, int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(check(stopped, [LINEAR]))


def test_a_function_is_told_what_it_changed() -> None:
    def halved(model: nn.Module) -> Mapping[str, int]:
        return honest(model.half())

    [outcome] = check(halved, [LINEAR])
    assert outcome.wrong == (
        "it changed the model: the parameters are torch.float16 now, they were torch.float32; "
        "undo it at the end, or work on copy.deepcopy(model)"
    )


@pytest.mark.full
def test_verdicts_are_lines_and_the_status_says_whether_all_are_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(PLAIN.replace("if p.requires_grad:", "if True:"))
    assert main(["grade", str(mine)]) == 1
    out = capsys.readouterr().out
    assert "wrong  frozen weights: trainable is 23, too many (`requires_grad` False is not trained" in out
    assert out.rstrip().endswith(
        f"{len(CASES) - 4} of {len(CASES)} right"
    )  # two BERTs and the model counted twice, too
