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
    """A sample's tokens and their positions (n,), and its batches' masks (B, T) in the same order."""

    ids: Tensor
    positions: Tensor
    masks: list[Tensor]

    @classmethod
    def of(cls, sample: Encoded) -> SampleTokens:
        """The sample in batches of like length."""
        batches = list(evaluation_batches(sample))
        masks = [torch.ones_like(b.ids, dtype=torch.bool) if b.mask is None else b.mask for b in batches]
        ids = torch.cat([batch.ids[mask] for batch, mask in zip(batches, masks, strict=True)])
        return cls(ids, torch.cat([mask.nonzero()[:, 1] for mask in masks]), masks)

    def attended(self, layer: LayerModules, states: Tensor) -> Tensor:
        """The heads' output for the states, before the output matrix: (n, H) → (n, heads · size)."""
        outputs = []
        for part, mask in zip(states.split([int(mask.sum()) for mask in self.masks]), self.masks, strict=True):
            padded = states.new_zeros(*mask.shape, states.shape[1])
            padded[mask] = part
            bias = encoder.attention_bias(mask, states.dtype)
            outputs.append(encoder.attention(layer, padded, padded, bias, fused=True)[0][mask])
        return torch.cat(outputs)


@dataclass(frozen=True)
class LayerOutputs:
    """A teacher's layer, and states (n, H) before it, from its heads, between its halves and after it."""

    layer: LayerModules
    before: Tensor
    attended: Tensor
    between: Tensor
    after: Tensor


def layer_outputs(
    model: Classifier, tokens: SampleTokens, layers: tuple[int, ...]
) -> tuple[Tensor, list[LayerOutputs]]:
    """The embeddings' states (n, H), and the outputs of these layers."""
    first = states = encoder.embed(model, tokens.ids[None], tokens.positions[None])[0]
    outputs = []
    for index in range(layers[-1] + 1):
        layer = encoder.layer_modules(model, index)
        attended = tokens.attended(layer, states)
        between = encoder.after_attention(layer, attended, states)
        after = encoder.after_feed_forward(layer, between)
        outputs.append(LayerOutputs(layer=layer, before=states, attended=attended, between=between, after=after))
        states = after
    return first, [outputs[layer] for layer in layers]
