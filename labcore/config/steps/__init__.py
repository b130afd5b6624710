"""The kinds of step, and steps from JSON. Standard library only.

`KINDS` is the lab's only list of steps. A new kind is a file here, a line in that list, and a file in
`labcore.compress.steps` that carries it out. Read the list as `steps.KINDS` each time that you need it, because
a test may add a kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields

from labcore.config.checks import SpecError, known_fields, shown
from labcore.config.steps.factorise import Factorise
from labcore.config.steps.factorise_embeddings import FactoriseEmbeddings
from labcore.config.steps.keep_layers import KeepLayers
from labcore.config.steps.manual import Manual
from labcore.config.steps.prune import Prune
from labcore.config.steps.prune_heads import PruneHeads
from labcore.config.steps.prune_neurons import PruneNeurons
from labcore.config.steps.quantise import Quantise
from labcore.config.steps.setting import Setting
from labcore.config.steps.step import Step
from labcore.config.steps.trim_vocabulary import TrimVocabulary

__all__ = [
    "KINDS",
    "Factorise",
    "FactoriseEmbeddings",
    "KeepLayers",
    "Manual",
    "Prune",
    "PruneHeads",
    "PruneNeurons",
    "Quantise",
    "Step",
    "TrimVocabulary",
    "by_kind",
    "setting_of",
    "steps_from",
]

KINDS: tuple[type[Step], ...] = (
    KeepLayers,
    PruneHeads,
    PruneNeurons,
    Factorise,
    Prune,
    Manual,
    TrimVocabulary,
    FactoriseEmbeddings,
    Quantise,
)


def by_kind() -> dict[str, type[Step]]:
    """The types of step by their `kind`, in the order of menus."""
    return {cls.kind: cls for cls in KINDS}


def setting_of(field: str) -> Setting | None:
    """The setting of a field called so, of the first kind that has one."""
    return next((cls.settings()[field] for cls in KINDS if field in cls.settings()), None)


def steps_from(given: Sequence[object]) -> tuple[Step, ...]:
    """The steps in a list of steps, or of JSON objects such as {"kind": "factorise", "rank": 64}.

    Raises SpecError for data that are no list of steps, and as the steps do.
    """
    if not isinstance(given, list | tuple):
        raise SpecError(f'steps is {shown(given)}; give a list of steps, such as [{{"kind": "factorise", "rank": 64}}]')
    return tuple(step if isinstance(step, Step) and type(step) in KINDS else _step(step) for step in given)


def _step(data: object) -> Step:
    kinds = by_kind()
    if not isinstance(data, dict) or "kind" not in data:
        raise SpecError(f"a step is {shown(data)}; give an object with a 'kind', one of {', '.join(kinds)}")
    kind = data["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        raise SpecError(f"step kind {shown(kind)} is unknown; give one of {', '.join(kinds)}")
    cls = kinds[kind]
    given = known_fields(kind, {name: value for name, value in data.items() if name != "kind"}, cls)
    missing = [field.name for field in fields(cls) if field.default is MISSING and field.name not in given]
    if missing:
        raise SpecError(f"{kind} lacks its field '{missing[0]}'; give it a value")
    return cls(**given)
