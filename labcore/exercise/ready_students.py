"""Ready students for the exercise's slots, from light to tiny, for a person who has none of their own."""

from __future__ import annotations

from labcore.config.presets import PRESETS
from labcore.config.steps import Factorise, KeepLayers, Manual, Step, TrimVocabulary

READY: dict[str, tuple[Step, ...]] = {preset.name: preset.spec.steps for preset in PRESETS} | {
    "Fewer words": (TrimVocabulary(size=8000),),
    "Fewer words, three layers": (TrimVocabulary(size=8000), KeepLayers(count=3)),
    "Fewer words, low rank": (TrimVocabulary(size=8000), Factorise(rank=64)),
    "Narrow, initialised from the teacher": (
        TrimVocabulary(size=8000),
        Manual(hidden=192, layers=6, heads=6, intermediate=768, init="teacher"),
    ),
    "Tiny, initialised from the teacher": (
        TrimVocabulary(size=8000),
        Manual(hidden=128, layers=6, heads=4, intermediate=512, init="teacher"),
    ),
}
