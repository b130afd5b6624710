"""A finished run of a tiny student, and its export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, PruneHeads
from labcore.export.export_source import ExportSource, load_source
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store


@pytest.fixture
def run_id(spec: Spec, store: Store) -> str:
    """A finished run of the tiny teacher's student, which has lost layers, heads and rank."""
    odd = replace(spec, steps=(KeepLayers(count=2), PruneHeads(3), Factorise(rank=8)))
    run = store.create(odd)
    list(execute_and_store(odd, run, store))
    return run


@pytest.fixture
def source(run_id: str, store: Store) -> ExportSource:
    return load_source(run_id, store)


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """A place for an export, of which nothing half-made may be left."""
    yield tmp_path / "made" / "export"
    if (tmp_path / "made").exists():
        assert [path.name for path in (tmp_path / "made").iterdir() if path.name != "export"] == []
