"""ModernBERT as a family: norms before each half of a layer, one matrix for queries, keys and values, gated neurons.

Warner et al., 2024, https://arxiv.org/abs/2412.13663. Standard library only.
"""

from __future__ import annotations

from labcore.models.family_data import ConfigFields, Embeddings, Family, Head, InitialWeights, Layer, Rotary

_FULL, _SLIDING = "full_attention", "sliding_attention"

MODERNBERT = Family(
    model_type="modernbert",
    label="ModernBERT",
    body="model",
    embeddings=Embeddings(
        module="model.embeddings",
        words="model.embeddings.tok_embeddings",
        positions=None,
        norm="model.embeddings.norm",
    ),
    layers="model.layers",
    layer=Layer(
        matrices={"qkv": "attn.Wqkv", "output": "attn.Wo", "up": "mlp.Wi", "down": "mlp.Wo"},
        attention_norm="attn_norm",
        feed_forward_norm="mlp_norm",
        activation="mlp.act",
        weight_dropout="attn.attention_dropout",
        output_dropout="attn.out_drop",
        down_dropout=None,
        inner_dropout="mlp.drop",
        heads=None,
        head_size="attn.head_dim",
        all_heads_size=None,
        norm_first=True,
        gated=True,
    ),
    final_norm="model.final_norm",
    head=Head(
        pooled="head.dense",
        activation="gelu",
        norm="head.norm",
        dropout="drop",
        logits="classifier",
        pooling="classifier_pooling",
    ),
    sizes={
        "hidden": "hidden_size",
        "layers": "num_hidden_layers",
        "heads": "num_attention_heads",
        "intermediate": "intermediate_size",
        "vocabulary": "vocab_size",
        "positions": "max_position_embeddings",
    },
    fields=ConfigFields(
        activation="hidden_activation",
        epsilon="norm_eps",
        fractions=("embedding_dropout", "attention_dropout", "mlp_dropout", "classifier_dropout"),
        sizes=("local_attention", "global_attn_every_n_layers"),
        switches=("norm_bias", "attention_bias", "mlp_bias", "classifier_bias"),
        numbers=("initializer_cutoff_factor",),
        choices=(("classifier_pooling", ("cls", "mean")),),
        tokens=("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"),
        fixed=(
            ("classifier_activation", ("gelu",), "its head has another activation"),
            ("deterministic_flash_attn", (False,), "its attention is a kernel that only some GPUs have"),
            ("rope_scaling", (None,), "its rotations are scaled for longer texts"),
            ("head_dim", (None,), "its heads have a width of their own"),
            ("sliding_window", (None,), "it has a second window beside local_attention"),
        ),
    ),
    pretraining_heads=("decoder.",),
    unread=(),
    rotary=Rotary(
        module="model.rotary_emb",
        kind="attention_type",
        kinds="layer_types",
        bases=("rope_parameters", {_FULL: "global_rope_theta", _SLIDING: "local_rope_theta"}),
        windows={_SLIDING: "sliding_window"},
    ),
    initial=InitialWeights(
        cutoff="initializer_cutoff_factor", by_depth=("output", "down"), by_width=True, padding=False
    ),
)
