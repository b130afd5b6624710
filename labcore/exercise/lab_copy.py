"""A copy of the lab to run on one's own machine or in a hosted notebook: code, weights, requirements, the notebook."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from pathlib import Path

from labcore.system.home import PROJECT

NAME = "teacher-student-lab.zip"
FILES = ("requirements.txt", "constraints.txt", "README.md", "docs/exercise.md", "docs/exercise.ipynb")


@lru_cache(maxsize=1)
def lab_copy() -> bytes:
    """The copy as a zip file of one folder, some 8 MB. Raises OSError if a file can't be read."""
    content, folder = io.BytesIO(), Path(NAME).stem
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (*(PROJECT / name for name in FILES), *_code()):
            archive.write(file, f"{folder}/{file.relative_to(PROJECT)}")
    return content.getvalue()


def _code() -> list[Path]:
    """Every file of `labcore`, without what Python compiled."""
    files = (PROJECT / "labcore").rglob("*")
    return sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts)
