"""A classifier's parts by what they do: its modules, found by the paths in the `Family`'s data."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from torch import Tensor, nn
from transformers.activations import ACT2FN

from labcore.models.architecture import Architecture, Role
from labcore.models.classifier import Classifier
from labcore.models.family import Family, architecture_in, family_of
from labcore.models.low_rank import outputs_of

KEPT_HEADS = "kept_heads"  # the buffer of an attention that has lost heads, in a family with a relative bias
UNCHANGED = nn.Identity()  # in the place of a dropout or norm that a family does not have


def architecture_of(model: Classifier) -> Architecture:
    """The sizes of a classifier."""
    return architecture_in(model.config)


def submodule(module: nn.Module, path: str) -> Any:
    """The submodule at a path. Read from the modules' own tables: attribute access takes 15 times as long."""
    for name in path.split("."):
        child = module._modules.get(name)
        module = cast(nn.Module, getattr(module, name)) if child is None else child  # PEFT wraps some modules
    return module


def number_in(module: nn.Module, path: str) -> int:
    """The number in an attribute of a submodule; its name is the last of the path."""
    owner, _, name = path.rpartition(".")
    return getattr(submodule(module, owner), name)


# -- embeddings --------------------------------------------------------------------------------------


def word_embeddings(model: Classifier) -> tuple[str, nn.Module]:
    """The module that gives each token its vector, and its path."""
    path = family_of(model.config).embeddings.words
    return path, model.get_submodule(path)


def embedding_tables(model: Classifier) -> tuple[Any, ...]:
    """The modules that give the vectors of tokens and of positions, then those that give every token one of a few.

    The last are of token types and of task types. A table that the model does not have is left out.
    """
    paths = family_of(model.config).embeddings
    rest = [path for path in (paths.token_types, paths.task_types) if path is not None and _has(model, path)]
    positions = [] if paths.positions is None else [paths.positions]
    return tuple(model.get_submodule(path) for path in (paths.words, *positions, *rest))


def embedding_norm(model: Classifier) -> nn.LayerNorm:
    """The LayerNorm after the embeddings' sum."""
    norm = model.get_submodule(family_of(model.config).embeddings.norm)
    assert isinstance(norm, nn.LayerNorm)
    return norm


def embedding_projection(model: Classifier) -> Any:
    """The linear map from the token vectors to the hidden size; None if both have one width."""
    path = family_of(model.config).embeddings.projection
    return submodule(model, path) if path is not None and _has(model, path) else None


def has_token_types(model: Classifier) -> bool:
    """Whether the model distinguishes the second text of a pair by a token type."""
    path = family_of(model.config).embeddings.token_types
    return path is not None and submodule(model, path).num_embeddings > 1


def _has(model: nn.Module, path: str) -> bool:
    owner, _, name = path.rpartition(".")
    return name in submodule(model, owner)._modules


# -- layers ------------------------------------------------------------------------------------------


def layer_list(model: Classifier) -> nn.ModuleList:
    """The encoder layers."""
    layers = submodule(model, family_of(model.config).layers)
    assert isinstance(layers, nn.ModuleList)
    return layers


def matrix(model: Classifier, layer: int, role: Role) -> nn.Module:
    """The module that holds a matrix of a layer."""
    return model.get_submodule(family_of(model.config).matrix_name(layer, role))


def encoder_matrices(model: Classifier) -> dict[str, nn.Module]:
    """The modules that hold the encoder's matrices, by path: all of a layer. No LayerNorm, bias or embedding."""
    family, layers = family_of(model.config), range(len(layer_list(model)))
    names = [family.matrix_name(layer, role) for layer in layers for role in family.layer.roles]
    return {name: model.get_submodule(name) for name in names}


def heads_in(model: Classifier, layer: int) -> tuple[int, int]:
    """How many heads a layer has, and how wide each is."""
    return heads_of(family_of(model.config), layer_list(model)[layer])


def heads_of(family: Family, layer: nn.Module) -> tuple[int, int]:
    """How many heads an encoder layer of the family has, and how wide each is."""
    paths = family.layer
    size = number_in(layer, paths.head_size)
    if paths.heads is not None:
        return number_in(layer, paths.heads), size
    role = paths.head_roles[0]
    return outputs_of(submodule(layer, paths.matrices[role])) // (paths.blocks(role) * size), size


def neurons_in(model: Classifier, layer: int) -> int:
    """How many feed-forward neurons a layer has."""
    return outputs_of(matrix(model, layer, "up")) // family_of(model.config).layer.blocks("up")


def has_extra_norm(model: Classifier, layer: int) -> bool:
    """Whether it is the first layer and has a norm before its attention, which its family's first layer has not."""
    paths = family_of(model.config).layer
    norm = submodule(layer_list(model)[layer], paths.attention_norm)
    return layer == 0 and paths.norm_first and isinstance(norm, nn.LayerNorm)


def final_norm(model: Classifier) -> Any:
    """The LayerNorm after the last layer; what it is given, if the family has none."""
    path = family_of(model.config).final_norm
    return UNCHANGED if path is None else submodule(model, path)


def attention_module(model: Classifier, layer: int) -> nn.Module:
    """The module that holds a layer's heads."""
    return submodule(layer_list(model)[layer], family_of(model.config).layer.head_size.rpartition(".")[0])


def relative_table(model: Classifier) -> nn.Embedding | None:
    """The bias (distances, heads) that all layers add to their attention scores; None if the family has none."""
    path = family_of(model.config).relative_bias
    return None if path is None else submodule(model, path)


def relative_bias(model: Classifier, states: Tensor) -> Tensor | None:
    """What to add to attention scores for the distance of two tokens, (1, heads, T, T), for states (B, T, H)."""
    path = family_of(model.config).relative_bias
    if path is None:
        return None
    return submodule(model, path.rpartition(".")[0]).compute_position_bias(states[:1])


# -- head --------------------------------------------------------------------------------------------


def head(model: Classifier) -> tuple[nn.Linear, nn.Linear]:
    """The two linear maps from the [CLS] state to the logits; an activation stands between them."""
    paths = family_of(model.config).head
    return cast(nn.Linear, model.get_submodule(paths.pooled)), cast(nn.Linear, model.get_submodule(paths.logits))


def head_norm(model: Classifier) -> Any:
    """The LayerNorm before the head's last map; what it is given, if the family has none."""
    path = family_of(model.config).head.norm
    return UNCHANGED if path is None else submodule(model, path)


def reads_the_mean(model: Classifier) -> bool:
    """Whether the head reads the mean of the last states over all tokens, instead of [CLS]."""
    pooling = family_of(model.config).head.pooling
    return pooling is not None and getattr(model.config, pooling) == "mean"


def head_activation(model: Classifier) -> nn.Module:
    """The activation between the head's two linear maps."""
    return _activation(family_of(model.config).head.activation)


@lru_cache
def _activation(name: str) -> nn.Module:
    return ACT2FN[name]
