"""Fewer feed-forward neurons. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from labcore.config.steps.importance_setting import IMPORTANCE, Importance, by_score
from labcore.config.steps.setting import Integer, set_by, stops_up_to
from labcore.config.steps.step import Step
from labcore.models.architecture import Structure


@dataclass(frozen=True)
class PruneNeurons(Step):
    """Keep the `intermediate` most important feed-forward neurons of each layer; the others are removed."""

    kind: ClassVar[str] = "prune_neurons"
    label: ClassVar[str] = "Fewer neurons"
    summary: ClassVar[str] = "Structural pruning: removes feed-forward neurons, so matrices get smaller."
    no_effect: ClassVar[str] = "keeps every neuron; keep fewer"
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = ("intermediate",)

    intermediate: int = field(
        metadata=set_by(
            Integer(
                label="Feed-forward neurons to keep in each layer, of {available}",
                help="A neuron is removed with its row of the first feed-forward matrix and its column of the second.",
                available=lambda before: before.architecture.intermediate,
                stops=lambda step, available: {1, *stops_up_to(available, max(1, available // 48))},
            )
        )
    )
    by: Importance = field(default="magnitude", metadata=set_by(IMPORTANCE))

    @classmethod
    def default(cls, before: Structure) -> PruneNeurons:
        """Half of the neurons."""
        return cls(max(1, before.architecture.intermediate // 2))

    def describe(self) -> str:
        """Such as `768 neurons a layer`."""
        return f"{self.intermediate} neurons a layer{by_score(self.by)}"
