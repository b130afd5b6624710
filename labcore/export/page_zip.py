"""A page as one file to download from a browser."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

PACKED_ALREADY = (".gz", ".onnx")  # weights do not get much smaller


def zipped_page(folder: Path, name: str | None = None) -> bytes:
    """The folder of a page as a zip file. name: of the folder in it, by default its own. Raises OSError."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            method = zipfile.ZIP_STORED if file.suffix in PACKED_ALREADY else zipfile.ZIP_DEFLATED
            archive.write(file, f"{name or folder.name}/{file.relative_to(folder).as_posix()}", compress_type=method)
    return content.getvalue()
