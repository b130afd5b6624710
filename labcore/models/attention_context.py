"""What decides a batch's attention beside queries, keys and values: padding, the tokens' distances, rotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.layer_modules import LayerModules
from labcore.models.parts import relative_bias, submodule

FORBIDDEN = -1e9  # what is added to the score of a token that must not be attended to


@dataclass(frozen=True)
class AttentionContext:
    """The same for all layers of a model, or for all layers of a kind, for a batch (B, T).

    padding: added to the scores, (B, 1, 1, T). relative: a bias for the distance of two tokens, (1, heads, T, T).
    windows: by kind of layer, the padding and what forbids distant tokens, (B or 1, 1, T, T). None of them is there if
    it would change nothing. rotations: by kind of layer, cosines and sines (1, T, width of a head).
    """

    padding: Tensor | None
    relative: Tensor | None
    windows: Mapping[str, Tensor]
    rotations: Mapping[str, tuple[Tensor, Tensor]]

    def bias(self, layer: LayerModules, queries: int) -> Tensor | None:
        """What to add to a layer's scores for its first queries, (B or 1, heads or 1, Q or 1, T); None for nothing."""
        bias = self.padding if layer.kind is None else self.windows.get(layer.kind, self.padding)
        if bias is not None:
            bias = bias[:, :, :queries]
        if self.relative is None:
            return bias
        relative = self.relative if layer.kept_heads is None else self.relative[:, layer.kept_heads]
        relative = relative[:, :, :queries]
        return relative if bias is None else relative + bias

    def rotated(self, layer: LayerModules, vectors: Tensor) -> Tensor:
        """Queries or keys (B, heads, Q or T, width), the first ones of the tokens, turned by their positions."""
        if layer.kind is None:
            return vectors
        cosines, sines = (each[:, None, : vectors.shape[2]] for each in self.rotations[layer.kind])
        first, second = vectors.float().chunk(2, -1)
        turned = torch.cat((-second, first), -1)
        return (vectors.float() * cosines + turned * sines).to(vectors.dtype)


def attention_context(
    model: Classifier, states: Tensor, mask: Tensor | None, *, any_length: bool = False
) -> AttentionContext:
    """The context of a batch's states (B, T, H). mask: (B, T), true at real tokens; None: no padding.

    any_length: whether to make the windows also for examples that are too short for them to matter.
    """
    padding, rotary = None if mask is None else padding_bias(mask, states.dtype), family_of(model.config).rotary
    windows: dict[str, Tensor] = {}
    rotations: dict[str, tuple[Tensor, Tensor]] = {}
    if rotary is not None:
        position = torch.arange(states.shape[1], device=states.device)
        for kind in sorted(set(getattr(model.config, rotary.kinds))):
            rotations[kind] = submodule(model, rotary.module)(states, position[None], kind)
            reach = getattr(model.config, rotary.windows[kind]) if kind in rotary.windows else None
            if reach is not None and (any_length or reach < len(position) - 1):
                far = (position[:, None] - position).abs() > reach
                window = states.new_zeros(far.shape).masked_fill_(far, FORBIDDEN)[None, None]
                windows[kind] = window if padding is None else window + padding
    return AttentionContext(padding, relative_bias(model, states), windows, rotations)


def padding_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """What to add to attention scores, (B, 1, 1, T), so that no query attends to padding."""
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill_(~mask, FORBIDDEN)[:, None, None, :]
