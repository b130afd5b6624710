"""Students and teachers as files that run elsewhere. `load` is here because you need it first with such a folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcore.export.exported_model import ExportedModel


def load(folder: str | os.PathLike[str], threads: int = 1) -> ExportedModel:
    """The model in a folder that `python -m labcore export` wrote, by onnxruntime: PyTorch is not imported.

    threads: that a prediction may use.
    Raises labcore.config.checks.SpecError for a folder of another kind, one that is incomplete or changed, or if
    onnxruntime or tokenizers is not installed.
    """
    from labcore.export.exported_model import ExportedModel

    return ExportedModel(os.path.expanduser(folder), threads)
