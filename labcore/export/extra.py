"""Whether the packages that exports need are installed. None of them is imported here."""

from __future__ import annotations

import importlib.util

from labcore.config.checks import SpecError

TO_EXPORT = ("onnx", "onnxscript", "onnxruntime")
INSTALL = "`pip install -r requirements-export.txt`"
MISSING = f"The packages for exports are not installed on this server. To have them: {INSTALL}, then restart the lab."


def export_is_here() -> bool:
    """Whether all packages that an export to ONNX needs are installed."""
    return not missing(TO_EXPORT)


def missing(packages: tuple[str, ...]) -> list[str]:
    """Those of the packages that are not installed."""
    return [package for package in packages if importlib.util.find_spec(package) is None]


def check_packages(packages: tuple[str, ...]) -> None:
    """Raises SpecError if one of the packages is not installed."""
    if names := missing(packages):
        verb = "is" if len(names) == 1 else "are"
        raise SpecError(f"exports need {' and '.join(names)}, which {verb} not installed here; {INSTALL}")
