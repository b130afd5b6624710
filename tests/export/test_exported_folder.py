"""What an exported folder states about itself comes back, and damage is one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labcore.config.spec import SpecError
from labcore.export.export_bounds import BOUNDS, check_bounds
from labcore.export.exported_folder import EXPORT, KINDS, Kind, read_exported
from tests.shared.exported import EXPORTED, MEASURED
from tests.shared.source_files import ROOT


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_back(kind: Kind, tmp_path: Path) -> None:
    exported = replace(EXPORTED, kind=kind, pairs=kind == "onnx")
    exported.write(tmp_path)
    assert read_exported(tmp_path, KINDS) == exported


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "has format 2; this lab reads 1"),
        ({"kind": "pickle"}, "kind is 'pickle'; give one of onnx"),
        ({"kind": "huggingface"}, "is of kind 'huggingface'; give one of kind onnx"),
        ({"labels": "no"}, "labels is 'no'; give a list of text"),
        ({"labels": ["one"]}, "give two or more"),
        ({"max_length": 0}, "max_length is 0"),
        ({"pad_token_id": -1}, "pad_token_id is -1"),
        ({"title": 3}, "title is 3; give text"),
        ({"pairs": "yes"}, "pairs is 'yes'; give true or false"),
        ({"teacher": {}}, "teacher lacks its field 'name'"),
        ({"measured": {**vars(MEASURED), "agreement": None}}, "agreement is None; give a number"),
        ({"sha256": 1}, "sha256 is 1"),
        ({"more": 1}, "unknown field 'more'"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_damage_is_a_line(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    (tmp_path / EXPORT).write_text(json.dumps(EXPORTED.to_json() | change))
    with pytest.raises(SpecError) as refused:
        read_exported(tmp_path)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"is not an exported folder: it has no export\.json"):
        read_exported(tmp_path)
    (tmp_path / EXPORT).write_text("[")
    with pytest.raises(SpecError, match="can't be read"):
        read_exported(tmp_path)


def test_bounds_are_those_of_the_docs_and_one_example_may_differ() -> None:
    docs = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    for kind, bound in BOUNDS.items():
        difference = "–" if bound.difference is None else f"{bound.difference:g}"
        row = f"| `{kind}` | {difference} | {100 * bound.agreement:.0f} % | {100 * bound.loss:g} points |"
        assert row in docs
        check_bounds(kind, replace(MEASURED, agreement=bound.agreement, accuracy=0.845 - bound.loss))
        with pytest.raises(SpecError, match="agreement is 90"):
            check_bounds(kind, replace(MEASURED, agreement=0.9))
        with pytest.raises(SpecError, match=r"accuracy falls by 4\.5 points"):
            check_bounds(kind, replace(MEASURED, accuracy=0.8))
        check_bounds(kind, replace(MEASURED, examples=10, agreement=0.9, accuracy=0.745))
    with pytest.raises(SpecError, match=r"a logit differs by 0\.01"):
        check_bounds("onnx", replace(MEASURED, largest_difference=0.01))
    with pytest.raises(SpecError, match="a logit differs by inf"):
        check_bounds("onnx", replace(MEASURED, largest_difference=float("inf")))
