"""The header of a checkpoint's file: plain values about it. Standard library only: pages need it without torch.

A safetensors file begins with the header's length in 8 bytes, the lowest first, and the header as JSON:
https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEADER = "checkpoint"  # the entry of the header with all plain values
MOST_BYTES = 100_000_000  # of a header, as in safetensors
DAMAGED = (OSError, ValueError, KeyError, TypeError)  # what reading plain values may raise


def about_checkpoint(path: Path) -> dict[str, Any] | None:
    """The plain values about a saved checkpoint; None if it is missing or damaged."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, MOST_BYTES)))
        about: dict[str, Any] = json.loads(header["__metadata__"][HEADER])["about"]
        return about
    except DAMAGED:
        return None
