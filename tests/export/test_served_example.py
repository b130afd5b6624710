"""The FastAPI example of docs/export.md runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from labcore.export.export_source import ExportSource
from labcore.export.make_export import export
from tests.shared.source_files import ROOT


def test_the_example_serves_an_exported_student(
    source: ExportSource, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = export(source, "onnx", out)
    docs = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    [example] = [code for code in re.findall(r"```python\n(.*?)```", docs, re.DOTALL) if "FastAPI" in code]
    assert len(example.splitlines()) <= 32
    monkeypatch.setenv("FOLDER", str(out))
    names = {"__name__": "serve"}
    exec(compile(example, "serve.py", "exec", dont_inherit=True), names)
    client = TestClient(names["app"])  # type: ignore[arg-type]
    assert client.get("/health").json() == {"status": "ok", "title": exported.title, "labels": ["no", "yes"]}
    [row] = client.post("/predict", json={"texts": ["w1 w2 w3"]}).json()
    assert row.keys() == {"no", "yes"}
    assert sum(row.values()) == pytest.approx(1)
    assert client.post("/predict", json={"texts": []}).status_code == 422
    half = client.post("/predict", content=b'{"texts": ["\\ud800"]}', headers={"Content-Type": "application/json"})
    assert half.status_code in (400, 422)
