"""What the data of a model family is made of: the paths of its parts, and the fields of its config.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labcore.models.architecture import ROLES, Role


@dataclass(frozen=True)
class Embeddings:
    """Paths in the model: the module that embeds tokens, its tables, its LayerNorm, and a linear map after it.

    positions, token_types: None if the family has none. task_types: a table whose first row is added to every token,
    in models whose config makes it. projection: to the hidden size, in models whose token vectors have another width.
    """

    module: str
    words: str
    positions: str | None
    norm: str
    token_types: str | None = None
    task_types: str | None = None
    projection: str | None = None


@dataclass(frozen=True)
class Layer:
    """Paths in one encoder layer, the attributes that hold its numbers of heads and rows, and the kind of the layer.

    matrices: its linear maps (out × in). Queries, keys and values have a block of rows for each head, in three matrices
    or, as `qkv`, one below the other in one. The attention's output has a block of columns for each head. `up` and
    `down` are the feed-forward network.
    norm_first: whether a LayerNorm stands before each half, instead of after it. The first layer then has none before
    its attention, because the embeddings end in one. gated: whether `up` computes the neurons' gates, too, in its
    lower half of rows.
    weight_dropout: of the attention weights, a module or a fraction. The others are modules, or None if there are none.
    output_dropout, down_dropout: after the matrices of these names. inner_dropout: before `down`.
    heads: None if it follows from the rows. all_heads_size: None if the attention does not note it.
    """

    matrices: Mapping[Role, str]
    attention_norm: str
    feed_forward_norm: str
    activation: str
    weight_dropout: str
    output_dropout: str | None
    down_dropout: str | None
    heads: str | None
    head_size: str
    all_heads_size: str | None
    inner_dropout: str | None = None
    norm_first: bool = False
    gated: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of its matrices, in the order of ROLES."""
        return tuple(role for role in ROLES if role in self.matrices)

    @property
    def head_roles(self) -> tuple[Role, ...]:
        """The matrices that have rows for each head."""
        return tuple(role for role in self.roles if role in ("query", "key", "value", "qkv"))

    def blocks(self, role: Role) -> int:
        """How many blocks of rows a matrix has, of one row for each dimension of a head, or for each neuron."""
        return 3 if role == "qkv" else 2 if role == "up" and self.gated else 1


@dataclass(frozen=True)
class Head:
    """Paths from the last states to the logits: the first linear map, a LayerNorm, dropout, and the last linear map.

    activation: transformers' name of the one after the first map. norm: None if there is none. dropout_first: whether
    dropout is before the first map, too. pooling: the config's field whose value "mean" has the head read the mean over
    all tokens; otherwise it reads [CLS].
    """

    pooled: str
    activation: str
    dropout: str
    logits: str
    dropout_first: bool = False
    norm: str | None = None
    pooling: str | None = None


@dataclass(frozen=True)
class Rotary:
    """Positions as rotations of queries and keys (Su et al., 2021, https://arxiv.org/abs/2104.09864).

    Each layer is of a kind, which has its own base; some kinds compare near tokens only.
    module: the path of what computes the rotations. kind: the attribute of a layer that notes its kind. kinds: the
    config's list of each layer's. bases: the config's field with a base for each kind, and their older names.
    windows: by kind, the config's attribute with the largest distance of two tokens that it compares.
    """

    module: str
    kind: str
    kinds: str
    bases: tuple[str, Mapping[str, str]]
    windows: Mapping[str, str]


@dataclass(frozen=True)
class InitialWeights:
    """The standard deviation of a new model's matrices: the config's `initializer_range`, but for some.

    cutoff: the config's field with the number of deviations beyond which none is drawn. by_depth: the roles for which
    the deviation is divided by √(2 · layers); so it is for the head's first map. by_width: whether that of the head's
    last map is 1/√hidden. padding: whether the padding token's row is 0.
    """

    cutoff: str | None = None
    by_depth: tuple[Role, ...] = ()
    by_width: bool = False
    padding: bool = True


@dataclass(frozen=True)
class ConfigFields:
    """The config's fields beside the sizes of an Architecture.

    activation: of the feed-forward network. epsilon: of LayerNorm; None if it is a constant. fractions: of dropout.
    sizes, switches: further whole numbers, and fields that are true or false. numbers: above 0. choices: a field, and
    the values of which it has one. tokens: special tokens beside padding, whose ids are in the config.
    fixed: a field with the values for which the lab's forward pass is the model's, and the meaning of any other value.
    """

    activation: str = "hidden_act"
    epsilon: str | None = "layer_norm_eps"
    fractions: tuple[str, ...] = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
    sizes: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tokens: tuple[str, ...] = ()
    fixed: tuple[tuple[str, tuple[object, ...], str], ...] = ()
