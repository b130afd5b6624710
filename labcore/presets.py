"""Three students to start from, one for each degree of compression. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.spec import Distil, Factorise, KeepLayers, Manual, Spec


@dataclass(frozen=True)
class Preset:
    """A ready spec, and how it is introduced. `ratio` is its size over the teacher's (a test counts it)."""

    name: str
    how: str
    why: str
    ratio: float
    spec: Spec


PRESETS = (
    Preset(
        "Light",
        "Keep every second encoder layer",
        "Half of the encoder goes, with no new weights: the student starts as a shorter teacher.",
        0.77,
        Spec(steps=(KeepLayers(layers=(1, 3, 5)),)),
    ),
    Preset(
        "Medium",
        "Each encoder matrix as two thin factors of rank 32",
        "All six layers stay, but each matrix keeps only its 32 strongest directions.",
        0.59,
        Spec(steps=(Factorise(rank=32),)),
    ),
    Preset(
        "Heavy",
        "Half of everything, from a random start",
        "Half the hidden size, layers, heads and feed-forward: a new, small BERT that knows nothing yet.",
        0.32,
        Spec(steps=(Manual(hidden=192, layers=3, heads=6, intermediate=768),), distil=Distil(epochs=5)),
    ),
)
