"""The file of a spec that a command reads."""

from __future__ import annotations

import json
from pathlib import Path


def spec_file(tmp_path: Path, data: object) -> str:
    path = tmp_path / "spec.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)
