"""Only `labcore.system.processor` names a device: everything else computes on the one that it returns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shared.names_used import names_used
from tests.shared.source_files import FILES, module_of

HOME = "labcore.system.processor"
DEVICE = re.compile(
    r"'(cpu|cuda|mps|xpu|hpu)(:\d+)?'"
    r"|'LAB_DEVICE'"
    r"|\.(cpu|cuda|mps|xpu)"
    r"|torch\.(cuda|mps|xpu|cpu|accelerator|backends\.(cpu|cuda|mps))(\..*)?"
    r"|\.(set_default_device|is_cuda|is_mps|pin_memory)"
)


def devices_in(source: str) -> list[str]:
    return [f"{line}: {name}" for line, name in names_used(source) if DEVICE.fullmatch(name)]


@pytest.mark.parametrize("file", [file for file in FILES if module_of(file) != HOME], ids=module_of)
def test_no_other_module_names_a_device(file: Path) -> None:
    assert devices_in(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("model.to('cuda')", "2: 'cuda'"),
        ("model.to('cuda:1')", "2: 'cuda:1'"),
        ("x = y.cpu()", "2: .cpu"),
        ("x = y.cuda()", "2: .cuda"),
        ("with torch.autocast('cpu'): pass", "2: 'cpu'"),
        ("torch.mps.synchronize()", "2: torch.mps"),
        ("fast = torch.backends.cuda.is_built()", "2: torch.backends.cuda"),
        ("from torch.cuda import synchronize", "2: torch.cuda"),
        ("name = os.environ['LAB_DEVICE']", "2: 'LAB_DEVICE'"),
    ],
)
def test_a_planted_device_is_seen(source: str, named: str) -> None:
    assert named in devices_in(f"import torch\n{source}\n")


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring may name cpu, cuda and mps."""',
        "with torch.device('meta'): pass",
        "x = y.to(model.device)",
        "words = 'a cpu and a gpu'",
    ],
)
def test_what_names_no_device_is_left_alone(source: str) -> None:
    assert devices_in(source) == []
