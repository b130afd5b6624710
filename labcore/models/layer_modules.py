"""The modules of an encoder layer by what they do, found by the paths in the `Family`'s data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from labcore.models.architecture import ROLES
from labcore.models.classifier import Classifier
from labcore.models.family import Family, family_of
from labcore.models.parts import KEPT_HEADS, UNCHANGED, heads_of, layer_list, submodule


@dataclass(frozen=True, slots=True)
class LayerModules:
    """The modules of an encoder layer by what they do. A matrix is linear, whole or in factors.

    Either query, key and value or qkv, their three blocks of rows in one matrix; the others are None. norm_first,
    gated: see `Layer`. weight_dropout: the fraction of attention weights that is left out now.
    kind: of its attention; None if all layers of the family are of one. kept_heads: the indices of its heads in the
    relative bias; None if it has all of them.
    """

    query: Any
    key: Any
    value: Any
    qkv: Any
    output: Any
    attention_norm: Any
    up: Any
    activation: Any
    down: Any
    feed_forward_norm: Any
    weight_dropout: float
    output_dropout: Any
    inner_dropout: Any
    down_dropout: Any
    heads: int
    head_size: int
    kind: str | None
    kept_heads: Tensor | None
    norm_first: bool
    gated: bool


def layer_modules(model: Classifier, layer: int) -> LayerModules:
    """The modules of the encoder layer with this index."""
    return modules_in(family_of(model.config), layer_list(model)[layer])


def modules_in(family: Family, layer: nn.Module) -> LayerModules:
    """The modules of an encoder layer of this family."""

    def at(path: str | None) -> Any:
        return UNCHANGED if path is None else submodule(layer, path)

    paths, rotary = family.layer, family.rotary
    matrices: dict[str, Any] = dict.fromkeys(ROLES)
    matrices |= {role: submodule(layer, path) for role, path in paths.matrices.items()}
    heads, head_size = heads_of(family, layer)
    kept = None
    if family.relative_bias is not None:
        kept = submodule(layer, paths.head_size.rpartition(".")[0])._buffers.get(KEPT_HEADS)
    return LayerModules(
        **matrices,
        attention_norm=at(paths.attention_norm),
        activation=at(paths.activation),
        feed_forward_norm=at(paths.feed_forward_norm),
        weight_dropout=_dropout_rate(layer, paths.weight_dropout),
        output_dropout=at(paths.output_dropout),
        inner_dropout=at(paths.inner_dropout),
        down_dropout=at(paths.down_dropout),
        heads=heads,
        head_size=head_size,
        kind=None if rotary is None else getattr(layer, rotary.kind),
        kept_heads=kept,
        norm_first=paths.norm_first,
        gated=paths.gated,
    )


def _dropout_rate(layer: nn.Module, path: str) -> float:
    """The fraction that is left out now, by a dropout module or by a number of the module that holds it."""
    owner, _, name = path.rpartition(".")
    holder = submodule(layer, owner)
    module = holder._modules.get(name)
    if module is not None:
        return module.p if module.training else 0.0
    return getattr(holder, name) if holder.training else 0.0
