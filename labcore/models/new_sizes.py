"""Note in a model and its config the sizes that a step changed, so that both are right after a reload."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from labcore.models.classifier import Classifier
from labcore.models.encoder import layer_list, number_in, submodule, word_embeddings
from labcore.models.family import family_of


def set_layers(model: Classifier, layers: Sequence[int]) -> None:
    """Keep the encoder layers at these indices, in this order, and note their number in the config for a reload."""
    family, every = family_of(model.config), layer_list(model)
    model.set_submodule(family.layers, nn.ModuleList([every[i] for i in layers]))
    setattr(model.config, family.sizes["layers"], len(layers))


def set_heads(model: Classifier, layer: int, heads: int) -> None:
    """Note in a layer how many heads its matrices have now. Their width is still hidden / heads of the config."""
    paths, module = family_of(model.config).layer, layer_list(model)[layer]
    for path, value in ((paths.heads, heads), (paths.all_heads_size, heads * number_in(module, paths.head_size))):
        owner, _, name = path.rpartition(".")
        setattr(submodule(module, owner), name, value)


def set_neurons(model: Classifier, neurons: int) -> None:
    """Note in the config how many feed-forward neurons each layer has now."""
    setattr(model.config, family_of(model.config).sizes["intermediate"], neurons)


def set_vocabulary(model: Classifier, kept: Sequence[int]) -> None:
    """Note in the model which of its tokens are left, in their new order; the caller has moved the rows already."""
    _, words = word_embeddings(model)
    padding = model.config.pad_token_id
    setattr(model.config, family_of(model.config).sizes["vocabulary"], len(kept))
    model.config.pad_token_id = list(kept).index(padding) if padding is not None and padding in kept else None
    for module in words.modules():
        if isinstance(module, nn.Embedding):
            module.padding_idx = model.config.pad_token_id
