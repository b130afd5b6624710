"""The model families that the lab takes: one entry of data each, keyed by the config's `model_type`.

A family that is BERT but for names is one more entry here. Standard library only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labcore.models.architecture import Architecture
from labcore.models.family_data import ConfigFields, Embeddings, Family, Head, Layer
from labcore.models.modernbert import MODERNBERT

__all__ = ["BERT", "FAMILIES", "OLD_ENDINGS", "REFUSED", "Family", "architecture_in", "family_labels", "family_of"]

_SIZES = {
    "hidden": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "intermediate": "intermediate_size",
    "vocabulary": "vocab_size",
    "positions": "max_position_embeddings",
}
_TYPES = {"token_types": "type_vocab_size"}


def _embeddings(body: str) -> Embeddings:
    module = f"{body}.embeddings"
    return Embeddings(
        module=module,
        words=f"{module}.word_embeddings",
        positions=f"{module}.position_embeddings",
        norm=f"{module}.LayerNorm",
        token_types=f"{module}.token_type_embeddings",
    )


def _buffers(body: str) -> tuple[str, ...]:
    return f"{body}.embeddings.position_ids", f"{body}.embeddings.token_type_ids"


def _pooler(body: str) -> tuple[str, ...]:
    """The tensors of a pooler that classifiers of the family no longer have."""
    return f"{body}.pooler.dense.weight", f"{body}.pooler.dense.bias"


_LAYER = Layer(
    matrices={
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "output": "attention.output.dense",
        "up": "intermediate.dense",
        "down": "output.dense",
    },
    attention_norm="attention.output.LayerNorm",
    feed_forward_norm="output.LayerNorm",
    activation="intermediate.intermediate_act_fn",
    weight_dropout="attention.self.dropout",
    output_dropout="attention.output.dropout",
    down_dropout="output.dropout",
    heads="attention.self.num_attention_heads",
    head_size="attention.self.attention_head_size",
    all_heads_size="attention.self.all_head_size",
)
_POOLED = Head(pooled="bert.pooler.dense", activation="tanh", dropout="dropout", logits="classifier")
_DENSE = Head(
    pooled="classifier.dense",
    activation="tanh",
    dropout="classifier.dropout",
    logits="classifier.out_proj",
    dropout_first=True,
)

BERT = Family(
    model_type="bert",
    label="BERT",
    body="bert",
    embeddings=_embeddings("bert"),
    layers="bert.encoder.layer",
    layer=_LAYER,
    head=_POOLED,
    sizes=_SIZES | _TYPES,
    fields=ConfigFields(),
    pretraining_heads=("cls.",),
    unread=_buffers("bert"),
)

# Sun et al., 2019, https://arxiv.org/abs/1904.09223
_ERNIE = replace(
    BERT,
    model_type="ernie",
    label="ERNIE",
    body="ernie",
    embeddings=replace(_embeddings("ernie"), task_types="ernie.embeddings.task_type_embeddings"),
    layers="ernie.encoder.layer",
    head=replace(_POOLED, pooled="ernie.pooler.dense"),
    fields=ConfigFields(sizes=("task_type_vocab_size",), switches=("use_task_id",)),
    unread=_buffers("ernie"),
)

# Liu et al., 2019, https://arxiv.org/abs/1907.11692: positions begin behind the padding token's id.
_ROBERTA = Family(
    model_type="roberta",
    label="RoBERTa",
    body="roberta",
    embeddings=_embeddings("roberta"),
    layers="roberta.encoder.layer",
    layer=_LAYER,
    head=_DENSE,
    sizes=_SIZES | _TYPES,
    fields=ConfigFields(),
    pretraining_heads=("lm_head.",),
    unread=_buffers("roberta") + _pooler("roberta"),
    first_row=None,
)
_XLM_ROBERTA = replace(_ROBERTA, model_type="xlm-roberta", label="XLM-RoBERTa")
_CAMEMBERT = replace(_ROBERTA, model_type="camembert", label="CamemBERT")

# Sanh et al., 2019, https://arxiv.org/abs/1910.01108: no token types.
_DISTILBERT = Family(
    model_type="distilbert",
    label="DistilBERT",
    body="distilbert",
    embeddings=replace(_embeddings("distilbert"), token_types=None),
    layers="distilbert.transformer.layer",
    layer=Layer(
        matrices={
            "query": "attention.q_lin",
            "key": "attention.k_lin",
            "value": "attention.v_lin",
            "output": "attention.out_lin",
            "up": "ffn.lin1",
            "down": "ffn.lin2",
        },
        attention_norm="sa_layer_norm",
        feed_forward_norm="output_layer_norm",
        activation="ffn.activation",
        weight_dropout="attention.dropout",
        output_dropout=None,
        down_dropout="ffn.dropout",
        heads="attention.n_heads",
        head_size="attention.attention_head_size",
        all_heads_size=None,
    ),
    head=Head(pooled="pre_classifier", activation="relu", dropout="dropout", logits="classifier"),
    sizes=_SIZES | {"hidden": "dim", "layers": "n_layers", "heads": "n_heads", "intermediate": "hidden_dim"},
    fields=ConfigFields(
        activation="activation",
        epsilon=None,
        fractions=("dropout", "attention_dropout", "seq_classif_dropout", "qa_dropout"),
        switches=("sinusoidal_pos_embds",),
    ),
    pretraining_heads=("vocab_transform.", "vocab_layer_norm.", "vocab_projector."),
    unread=_buffers("distilbert"),
)

# Clark et al., 2020, https://arxiv.org/abs/2003.10555: token vectors may be narrower than the hidden states.
_ELECTRA = Family(
    model_type="electra",
    label="ELECTRA",
    body="electra",
    embeddings=replace(_embeddings("electra"), projection="electra.embeddings_project"),
    layers="electra.encoder.layer",
    layer=_LAYER,
    head=replace(_DENSE, activation="gelu"),
    sizes=_SIZES | _TYPES | {"embedding": "embedding_size"},
    fields=ConfigFields(),
    pretraining_heads=("discriminator_predictions.", "generator_predictions.", "generator_lm_head."),
    unread=_buffers("electra"),
)

# Song et al., 2020, https://arxiv.org/abs/2004.09297: a bias for each distance between two tokens, for all layers.
_MPNET = Family(
    model_type="mpnet",
    label="MPNet",
    body="mpnet",
    embeddings=replace(_embeddings("mpnet"), token_types=None),
    layers="mpnet.encoder.layer",
    layer=replace(
        _LAYER,
        matrices=_LAYER.matrices  # type: ignore[operator]  # a Mapping that is a dict
        | {
            "query": "attention.attn.q",
            "key": "attention.attn.k",
            "value": "attention.attn.v",
            "output": "attention.attn.o",
        },
        attention_norm="attention.LayerNorm",
        weight_dropout="attention.attn.dropout",
        output_dropout="attention.dropout",
        heads="attention.attn.num_attention_heads",
        head_size="attention.attn.attention_head_size",
        all_heads_size="attention.attn.all_head_size",
    ),
    head=_DENSE,
    sizes=_SIZES,
    fields=ConfigFields(
        fixed=(("relative_attention_num_buckets", (32,), "transformers computes distances in 32 steps"),)
    ),
    pretraining_heads=("lm_head.",),
    unread=_buffers("mpnet") + _pooler("mpnet"),
    first_row=2,
    relative_bias="mpnet.encoder.relative_attention_bias",
)

FAMILIES = {
    family.model_type: family
    for family in (BERT, _ERNIE, _ROBERTA, _XLM_ROBERTA, _CAMEMBERT, _DISTILBERT, _ELECTRA, _MPNET, MODERNBERT)
}

_DECODER = "it reads from left to right and has no [CLS] state that stands for the whole text"
_TWO_PARTS = "it has an encoder and a decoder"
_DISENTANGLED = "its scores have parts for content and for relative position, which no step can cut with the heads"
# Model types that people bring most, and why the lab does not take them.
REFUSED = {
    "deberta": _DISENTANGLED,
    "deberta-v2": _DISENTANGLED,
    "albert": "all its layers share one set of matrices, so no layer can be removed or made smaller by itself",
    "mobilebert": "its layers narrow the states and have several feed-forward networks, which the steps don't know",
    "xlnet": "it reads text in permuted order, in two streams",
    "longformer": "its attention is local, with matrices of its own for global tokens",
    "big_bird": "its attention is sparse, in random blocks",
    **dict.fromkeys(("gpt2", "gpt_neo", "gpt_neox", "llama", "mistral", "qwen2", "qwen3", "gemma", "opt"), _DECODER),
    **dict.fromkeys(("t5", "mt5", "bart", "mbart", "pegasus"), _TWO_PARTS),
}

# Endings of tensors in the first releases, and today's.
OLD_ENDINGS = {".LayerNorm.gamma": ".LayerNorm.weight", ".LayerNorm.beta": ".LayerNorm.bias"}


def family_labels() -> str:
    """The families that the lab takes, as a message lists them: 'BERT, ERNIE, … or ModernBERT'."""
    *others, last = (family.label for family in FAMILIES.values())
    return f"{', '.join(others)} or {last}"


def family_of(config: Any) -> Family:
    """The family of a model, by its transformers config. Raises ValueError if the lab has none of this type."""
    family = FAMILIES.get(config.model_type)
    if family is None:
        raise ValueError(f"the lab has no family of type {config.model_type!r}; it takes {family_labels()}")
    return family


def architecture_in(config: Any) -> Architecture:
    """The sizes in a classifier's transformers config."""
    return family_of(config).architecture_in(config)
