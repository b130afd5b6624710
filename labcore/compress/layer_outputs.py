"""Sample sentences as a BERT reads them, layer by layer, without their padding: what `cut` measures and fits on.

Shapes: n word pieces of the sample; H the model's hidden size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from labcore.data.batches import Encoded, evaluation_batches


@dataclass(frozen=True)
class Text:
    """A sample's word pieces and their positions (n,), and its batches' masks (B, T) in the same order."""

    ids: Tensor
    positions: Tensor
    masks: list[Tensor]

    @classmethod
    def of(cls, sample: Encoded) -> Text:
        """The sample in batches of like length."""
        batches = list(evaluation_batches(sample))
        masks = [torch.ones_like(b.ids, dtype=torch.bool) if b.mask is None else b.mask for b in batches]
        ids = torch.cat([batch.ids[mask] for batch, mask in zip(batches, masks, strict=True)])
        return cls(ids, torch.cat([mask.nonzero()[:, 1] for mask in masks]), masks)

    def mixed(self, attention: Any, states: Tensor) -> Tensor:
        """What the heads make of the states, before the output matrix: (n, H) → (n, heads · size)."""
        found = []
        for part, mask in zip(states.split([int(mask.sum()) for mask in self.masks]), self.masks, strict=True):
            padded = states.new_zeros(*mask.shape, states.shape[1])
            padded[mask] = part
            bias = torch.zeros(mask.shape).masked_fill_(~mask, -1e9)[:, None, None, :]
            found.append(attention(padded, bias)[0][mask])
        return torch.cat(found)


@dataclass(frozen=True)
class LayerOutputs:
    """A teacher's layer, and states (n, H) before it, from its heads, between its halves and after it."""

    layer: Any
    before: Tensor
    mixed: Tensor
    between: Tensor
    after: Tensor


def layer_outputs(parts: Any, text: Text, layers: tuple[int, ...]) -> tuple[Tensor, list[LayerOutputs]]:
    """The embeddings' states (n, H), and what these layers read and make of them."""
    first = states = parts.embeddings(input_ids=text.ids[None], position_ids=text.positions[None])[0]
    reads = []
    for layer in parts.encoder.layer[: layers[-1] + 1]:
        half = layer.attention
        mixed = text.mixed(half.self, states)
        between = half.output(mixed, states)
        reads.append(LayerOutputs(layer, states, mixed, between, layer.feed_forward_chunk(between)))
        states = reads[-1].after
    return first, [reads[layer] for layer in layers]


def tables(parts: Any) -> tuple[nn.Embedding, nn.Embedding, nn.Embedding]:
    """Vectors of word pieces, of positions and of token types."""
    return parts.get_input_embeddings(), parts.embeddings.position_embeddings, parts.embeddings.token_type_embeddings
