"""The kinds of step as a person meets them: their names, what they do, and where their sliders begin."""

from __future__ import annotations

from labcore.config.spec import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.models.architecture import Structure
from labcore.views.controls import KINDS
from ui.design.manual_form import halved

__all__ = ["KINDS", "WHAT", "default_step", "fewest_heads"]

WHAT: dict[str, str] = {
    "keep_layers": "Structural pruning: whole encoder layers go, the others keep the teacher's weights.",
    "prune_heads": "Structural pruning: attention heads are truly removed, so matrices get smaller.",
    "prune_neurons": "Structural pruning: feed-forward neurons are truly removed, so matrices get smaller.",
    "factorise": "Each encoder matrix becomes the product of two thin ones.",
    "prune": "Magnitude pruning: the smallest weights become zeros and stay so.",
    "manual": "A new, smaller BERT of sizes of your own.",
    "trim_vocabulary": "Word pieces that the task hardly uses go, with their rows of the embedding table.",
    "factorise_embeddings": "The embedding table becomes the product of a thin one and a small matrix.",
}


def default_step(kind: str, before: Structure) -> Step:
    """Where a kind's sliders begin, on what the steps before it left."""
    sizes = before.architecture
    match kind:
        case "keep_layers":
            return KeepLayers(count=max(1, sizes.layers // 2))
        case "prune_heads":
            return PruneHeads(max(1, fewest_heads(before) // 2))
        case "prune_neurons":
            return PruneNeurons(max(1, sizes.intermediate // 2))
        case "factorise":
            return Factorise(rank=max(1, sizes.hidden // 6))
        case "prune":
            return Prune(sparsity=0.5)
        case "trim_vocabulary":
            return TrimVocabulary(task=True)
        case "factorise_embeddings":
            return FactoriseEmbeddings(max(1, sizes.hidden // 3))
        case _:
            return halved(sizes)


def fewest_heads(structure: Structure) -> int:
    """The number of heads that every layer has at least."""
    return min(layer.heads for layer in structure.layers)
