"""The names that files give to splits. Standard library only."""

from __future__ import annotations

from labcore.data.examples import Split

NAMES: dict[Split, tuple[str, ...]] = {
    "train": ("train", "training", "trn"),
    "validation": ("validation", "valid", "val", "dev", "development", "eval"),
    "test": ("test", "testing", "tst", "heldout", "held-out"),
}
SPLIT_COLUMNS = ("split", "set", "subset", "fold", "partition", "dataset", "usage")


def split_named(cell: str) -> Split | None:
    """The split that a cell names; None if it names none."""
    plain = cell.strip().lower()
    return next((split for split, names in NAMES.items() if plain in names), None)
