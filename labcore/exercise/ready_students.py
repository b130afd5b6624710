"""Students to fill the exercise's slots with, where a person has none of their own: from light to tiny."""

from __future__ import annotations

from labcore.config.presets import PRESETS
from labcore.config.spec import Factorise, KeepLayers, Manual, Step, TrimVocabulary

READY: dict[str, tuple[Step, ...]] = {preset.name: preset.spec.steps for preset in PRESETS} | {
    "Fewer words": (TrimVocabulary(size=8000),),
    "Fewer words, three layers": (TrimVocabulary(size=8000), KeepLayers(count=3)),
    "Fewer words, low rank": (TrimVocabulary(size=8000), Factorise(rank=64)),
    "Narrow, cut out of the teacher": (
        TrimVocabulary(size=8000),
        Manual(hidden=192, layers=6, heads=6, intermediate=768, init="teacher"),
    ),
    "Tiny, cut out of the teacher": (
        TrimVocabulary(size=8000),
        Manual(hidden=128, layers=6, heads=4, intermediate=512, init="teacher"),
    ),
}
