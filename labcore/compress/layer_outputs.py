"""The outputs of a model for sample examples, layer by layer, without padding.

The initialisation from a teacher measures and fits on them. Shapes: n tokens of the sample; H the model's hidden size.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from labcore.data.batches import Encoded, evaluation_batches
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.encoder import LayerModules


@dataclass(frozen=True)
class SampleTokens:
    """A sample's tokens, their positions and types (n,), and its batches' masks (B, T) in the same order.

    types: 1 at tokens of an example's second text.
    """

    ids: Tensor
    positions: Tensor
    types: Tensor
    masks: list[Tensor]

    @classmethod
    def of(cls, sample: Encoded, device: torch.device | None = None) -> SampleTokens:
        """The sample in batches of like length, on a device, by default the host."""
        batches = list(evaluation_batches(sample, device=device))
        masks = [torch.ones_like(b.ids, dtype=torch.bool) if b.mask is None else b.mask for b in batches]
        types = [torch.zeros_like(b.ids) if b.types is None else b.types for b in batches]
        return cls(
            torch.cat([batch.ids[mask] for batch, mask in zip(batches, masks, strict=True)]),
            torch.cat([mask.nonzero()[:, 1] for mask in masks]),
            torch.cat([each[mask] for each, mask in zip(types, masks, strict=True)]),
            masks,
        )

    def attended(self, model: Classifier, layer: LayerModules, read: Tensor) -> Tensor:
        """The output of a layer's heads for what it reads, before its output matrix: (n, H) → (n, heads · size)."""
        outputs = []
        for part, mask in zip(self._by_batch(read), self.masks, strict=True):
            padded = read.new_zeros(*mask.shape, read.shape[1])
            padded[mask] = part
            context = encoder.attention_context(model, padded, mask)
            outputs.append(encoder.attention(layer, padded, padded, context, fused=True)[0][mask])
        return torch.cat(outputs)

    def pooled(self, model: Classifier, states: Tensor) -> Tensor:
        """What the model's head reads of the last states (n, H): (examples, H)."""
        outputs = []
        for part, mask in zip(self._by_batch(states), self.masks, strict=True):
            padded = states.new_zeros(*mask.shape, states.shape[1])
            padded[mask] = part
            outputs.append(encoder.pooled(model, padded, mask))
        return torch.cat(outputs)

    def _by_batch(self, states: Tensor) -> tuple[Tensor, ...]:
        return states.split([int(mask.sum()) for mask in self.masks])


@dataclass(frozen=True)
class LayerOutputs:
    """A teacher's layer, and states (n, H) before it, from its heads, between its halves and after it.

    after: before the norm behind the last layer, if there is one.
    """

    layer: LayerModules
    before: Tensor
    attended: Tensor
    between: Tensor
    after: Tensor


def layer_outputs(
    model: Classifier, tokens: SampleTokens, layers: tuple[int, ...]
) -> tuple[Tensor, list[LayerOutputs]]:
    """The embeddings' states (n, H), and the outputs of these layers."""
    first = states = encoder.embed(model, tokens.ids[None], tokens.types[None], positions=tokens.positions[None])[0]
    outputs = []
    for index in range(layers[-1] + 1):
        layer = encoder.layer_modules(model, index)
        attended = tokens.attended(model, layer, encoder.before_attention(layer, states))
        between = encoder.after_attention(layer, attended, states)
        after = encoder.after_feed_forward(layer, between)
        outputs.append(LayerOutputs(layer=layer, before=states, attended=attended, between=between, after=after))
        states = after
    return first, [outputs[layer] for layer in layers]
