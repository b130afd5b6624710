"""The version of the code that makes a cached thing: another version may make another thing.

Standard library only. Nobody has to raise a number: the hash covers the sources and the versions of the libraries.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = ("torch", "transformers", "tokenizers")


@cache
def code_version(*modules: str) -> str:
    """SHA-256 (hex) of the sources of these modules and of the libraries' versions. No module is imported for it."""
    digest = hashlib.sha256(" ".join(version(library) for library in LIBRARIES).encode())
    for module in sorted(modules):
        source = find_spec(module)
        assert source is not None
        assert source.origin is not None
        digest.update(Path(source.origin).read_bytes())
    return digest.hexdigest()
