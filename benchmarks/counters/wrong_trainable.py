"""Wrong in `trainable`: guessed from names, classes or order, instead of each parameter's `requires_grad`."""

from __future__ import annotations

from benchmarks.counters.sample import Wrong


def _trained(parameters: str, imports: str = "from torch import nn") -> str:
    """The file of someone who has total and nonzero right, and counts these parameters as trainable."""
    return f"""
{imports}


def count_parameters(model):
    params = list(model.parameters())
    trained = {parameters}
    return {{
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in trained),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }}
"""


def _named(condition: str) -> str:
    """The same with the parameters whose name `n` and self `p` meet a condition."""
    return _trained(f"[p for n, p in model.named_parameters() if ({condition})]")


FROZEN, TINY, OTHER = "frozen weights", "BERT-tiny", "BERT, other parts frozen"

WRONG_TRAINABLE = (
    Wrong("embeddings are frozen, by name", _named("'embeddings' not in n and p.requires_grad"), (OTHER,)),
    Wrong(
        "embeddings are frozen, by prefix",
        _named("not n.startswith('bert.embeddings') and p.requires_grad"),
        (OTHER,),
    ),
    Wrong(
        "embeddings are frozen, by class",
        _trained(
            "[p for p in params if p.requires_grad and id(p) not in {id(q) for m in model.modules() "
            "if type(m).__name__ == 'BertEmbeddings' for q in m.parameters()}]"
        ),
        (OTHER,),
    ),
    Wrong("the word table is frozen", _named("'word_embeddings' not in n and p.requires_grad"), (OTHER,)),
    Wrong(
        "embeddings are frozen, and nothing else of a BERT",
        _named("'embeddings' not in n if n.startswith('bert.') else p.requires_grad"),
        (OTHER,),
    ),
    Wrong("the position table is frozen", _named("'position_embeddings' not in n and p.requires_grad"), (TINY,)),
    Wrong("the last encoder layer is frozen", _named("'layer.2.' not in n and p.requires_grad"), (OTHER,)),
    Wrong("embeddings are trained", _named("'embeddings' in n or p.requires_grad"), (TINY, OTHER)),
    Wrong(
        "embeddings as a whole, by their first table",
        _named(
            "model.base_model.embeddings.word_embeddings.weight.requires_grad "
            "if 'embeddings' in n else p.requires_grad"
        ),
        (OTHER,),
    ),
    Wrong("the classifier is trained", _named("'classifier' in n or p.requires_grad"), (OTHER,)),
    Wrong("the pooler is trained", _named("'pooler' in n or p.requires_grad"), (OTHER,)),
    Wrong("the encoder is trained", _named("'encoder' in n or p.requires_grad"), (OTHER,)),
    Wrong("the encoder is frozen", _named("'encoder' not in n and p.requires_grad"), (TINY, OTHER)),
    Wrong("all but the classifier is frozen", _named("'bert.' not in n and p.requires_grad"), (TINY, OTHER)),
    Wrong("the pooler is frozen", _named("'pooler' not in n and p.requires_grad"), (TINY,)),
    Wrong("the classifier is frozen", _named("'classifier' not in n and p.requires_grad"), (TINY,)),
    Wrong("the last encoder layer is trained", _named("'layer.2.' in n or p.requires_grad"), (OTHER,)),
    Wrong("the first encoder layer is frozen", _named("'layer.0.' not in n and p.requires_grad"), (TINY, OTHER)),
    Wrong("norms are not trained", _named("'LayerNorm' not in n and p.requires_grad"), (TINY, OTHER)),
    Wrong("norms are trained", _named("'LayerNorm' in n or p.requires_grad"), (TINY, OTHER)),
    Wrong("biases are not trained", _named("not n.endswith('bias') and p.requires_grad"), (TINY, OTHER)),
    Wrong("biases are trained", _named("n.endswith('bias') or p.requires_grad"), (FROZEN, OTHER)),
    Wrong("matrices only are trained", _named("p.dim() > 1 and p.requires_grad"), (TINY, OTHER)),
    Wrong(
        "the last layer only",
        _trained("[p for p in (list(model.children()) or [model])[-1].parameters() if p.requires_grad]"),
        (TINY, OTHER),
    ),
    Wrong(
        "the last layer is trained",
        _trained(
            "[p for p in params if p.requires_grad or any(p is q for q in (list(model.children()) "
            "or [model])[-1].parameters())]"
        ),
        (FROZEN, OTHER),
    ),
    Wrong(
        "a part is trained if its first parameter is",
        _trained(
            "[p for c in (list(model.children()) or [model]) for p in c.parameters() "
            "if next(c.parameters()).requires_grad]"
        ),
        (FROZEN, TINY, OTHER),
    ),
    Wrong(
        "a layer is trained if one of its parameters is",
        _trained(
            "[p for m in model.modules() for p in m.parameters(recurse=False) if any(q.requires_grad "
            "for q in m.parameters(recurse=False))]"
        ),
        (FROZEN,),
    ),
)  # fmt: skip
