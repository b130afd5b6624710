"""The versions that a worker must share with the lab: of Python, of the lab's own code, and of its libraries."""

from __future__ import annotations

import platform
from pathlib import Path

import labcore
from labcore.system.code_version import LIBRARIES, code_version

# The versions, the host's name, and the id of the process.
WorkerVersion = tuple[str, str, int]


def worker_version() -> str:
    """One value for all of them: equal on two machines on which a run computes the same, if their processors do."""
    root = Path(labcore.__file__).parent
    modules = [
        ".".join(("labcore", *file.relative_to(root).with_suffix("").parts))
        for file in sorted(root.rglob("*.py"))
        if file.stem not in ("__init__", "__main__") and "versions" not in file.parts
    ]
    return f"{platform.python_version()} {code_version(*modules)}"


def mismatch(host: str) -> str:
    """The sentence about a worker of other versions."""
    return (
        f"the worker on {host} has another version of the lab, of Python or of {', '.join(LIBRARIES)}; "
        "install the same on every machine of the cluster, and start Ray there in the lab's folder"
    )
