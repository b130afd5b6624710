"""The version of the code that makes a thing which is kept: what another version made may be something else.

Standard library only. No number to remember to raise: the sources themselves are hashed, with the versions of the libraries.
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
        found = find_spec(module)
        assert found is not None
        assert found.origin is not None
        digest.update(Path(found.origin).read_bytes())
    return digest.hexdigest()
