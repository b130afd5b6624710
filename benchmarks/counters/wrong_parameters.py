"""Wrong in which parameters are counted: some are left out, some come twice, and some of what is counted is none."""

from __future__ import annotations

from benchmarks.counters.sample import Wrong


def _of(parameters: str, imports: str = "from torch import nn") -> str:
    """The file of someone who counts this list of parameters."""
    return f"""
{imports}


def count_parameters(model):
    params = {parameters}
    return {{
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum((p != 0).sum().item() for p in params),
    }}
"""


LAYER, EQUAL, NESTED, TIED = "a linear layer", "equal layers", "layers within layers", "tied weights"
TWICE, FROZEN, BUFFERS, OUTSIDE = "a layer used twice", "frozen weights", "buffers", "parameters outside layers"
ATTENTION, RECURRENT, REPARAMETRISED = "attention", "a recurrent layer", "a reparametrised layer"
BERT = "BERT-tiny"

WRONG_PARAMETERS = (
    Wrong("state_dict", _of("list(model.state_dict().values())"), (TIED, TWICE, BUFFERS)),
    Wrong("state_dict with what is trained", _of("list(model.state_dict(keep_vars=True).values())"), (TIED, BUFFERS)),
    Wrong("parameters and buffers", _of("list(model.parameters()) + list(model.buffers())"), (BUFFERS,)),
    Wrong(
        "named_parameters with duplicates",
        _of("[p for _, p in model.named_parameters(remove_duplicate=False)]"),
        (TIED, TWICE),
    ),
    Wrong("trainable only", _of("[p for p in model.parameters() if p.requires_grad]"), (FROZEN,)),
    Wrong(
        "names that end in weight",
        _of("[p for n, p in model.named_parameters() if n.endswith('weight')]"),
        (LAYER, ATTENTION),
    ),
    Wrong(
        "names with weight or bias",
        _of("[p for n, p in model.named_parameters() if 'weight' in n or 'bias' in n]"),
        (OUTSIDE,),
    ),
    Wrong("without biases", _of("[p for n, p in model.named_parameters() if 'bias' not in n]"), (LAYER, RECURRENT)),
    Wrong("without norms", _of("[p for n, p in model.named_parameters() if 'norm' not in n.lower()]"), (NESTED, BERT)),
    Wrong("without embeddings", _of("[p for n, p in model.named_parameters() if 'embed' not in n]"), (BERT,)),
    Wrong("without the classifier", _of("[p for n, p in model.named_parameters() if 'classifier' not in n]"), (BERT,)),
    Wrong("without the pooler", _of("[p for n, p in model.named_parameters() if 'pooler' not in n]"), (BERT,)),
    Wrong("matrices only", _of("[p for p in model.parameters() if p.dim() > 1]"), (LAYER, OUTSIDE)),
    Wrong("without scalars", _of("[p for p in model.parameters() if p.dim() > 0]"), (OUTSIDE,)),
    Wrong(
        "linear layers and embeddings only",
        _of("[p for m in model.modules() if isinstance(m, (nn.Linear, nn.Embedding)) for p in m.parameters()]"),
        (TIED, BUFFERS, OUTSIDE, BERT),
    ),
    Wrong(
        "every module's parameters, with its children's",
        _of("[p for m in model.modules() for p in m.parameters()]"),
        (EQUAL, NESTED, ATTENTION),
    ),
    Wrong(
        "every module's own, tied ones twice",
        _of("[p for m in model.modules() for p in m.parameters(recurse=False)]"),
        (TIED,),
    ),
    Wrong(
        "children only",
        _of("[p for child in model.children() for p in child.parameters()]"),
        (LAYER, OUTSIDE, RECURRENT),
    ),
    Wrong(
        "modules without children only",
        _of("[p for m in model.modules() if not list(m.children()) for p in m.parameters()]"),
        (ATTENTION, OUTSIDE),
    ),
    Wrong("the first level only", _of("list(model.parameters(recurse=False))"), (NESTED, TIED)),
    Wrong("once for each shape", _of("list({p.shape: p for p in model.parameters()}.values())"), (EQUAL,)),
    Wrong(
        "once for each last name",
        _of("list({n.split('.')[-1]: p for n, p in model.named_parameters()}.values())"),
        (EQUAL,),
    ),
    Wrong("once for each value", '''
import torch


def count_parameters(model):
    unique = []
    for p in model.parameters():
        if not any(p.shape == q.shape and torch.equal(p, q) for q in unique):
            unique.append(p)
    total = sum(p.numel() for p in unique)
    return {
        "total": total,
        "trainable": sum(p.numel() for p in unique if p.requires_grad),
        "nonzero": sum(torch.count_nonzero(p).item() for p in unique),
    }
''', (EQUAL,)),
    Wrong("once for each name", '''
def count_parameters(model):
    seen, total, trainable, nonzero = set(), 0, 0, 0
    for module_name, module in model.named_modules(remove_duplicate=False):
        for name, p in module.named_parameters(recurse=False):
            if (module_name, name) in seen:
                continue
            seen.add((module_name, name))
            total += p.numel()
            trainable += p.numel() if p.requires_grad else 0
            nonzero += p.count_nonzero().item()
    return {"total": total, "trainable": trainable, "nonzero": nonzero}
''', (TIED, TWICE)),
    Wrong("a generator that is used up", _of("model.parameters()"), (LAYER, BERT)),
    Wrong("weight and bias of each module", '''
def count_parameters(model):
    total = trainable = nonzero = 0
    for module in model.modules():
        for p in (getattr(module, "weight", None), getattr(module, "bias", None)):
            if p is not None:
                total += p.numel()
                trainable += p.numel() if p.requires_grad else 0
                nonzero += (p != 0).sum().item()
    return {"total": total, "trainable": trainable, "nonzero": nonzero}
''', (TIED, OUTSIDE, RECURRENT, REPARAMETRISED)),
    Wrong(
        "_parameters, some of which are None",
        _of("[p for m in model.modules() for p in m._parameters.values()]"),
        (TIED,),
    ),
    Wrong("recursion without memory", '''
def walk(module):
    found = list(module._parameters.values())
    for child in module._modules.values():
        found += walk(child)
    return [p for p in found if p is not None]


def count_parameters(model):
    params = walk(model)
    return {
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum(int(p.count_nonzero()) for p in params),
    }
''', (TIED, TWICE)),
    Wrong("a layer is trained or it is not", '''
def count_parameters(model):
    trainable = 0
    for module in model.modules():
        own = list(module.parameters(recurse=False))
        if own and all(p.requires_grad for p in own):
            trainable += sum(p.numel() for p in own)
    params = list(model.parameters())
    return {
        "total": sum(p.numel() for p in params),
        "trainable": trainable,
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
''', (FROZEN,)),
    Wrong("trainable is what has a gradient now", '''
def count_parameters(model):
    params = list(model.parameters())
    return {
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.grad is not None),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
''', (LAYER, FROZEN)),
    Wrong("trainable is total", '''
def count_parameters(model):
    params = list(model.parameters())
    total = sum(p.numel() for p in params)
    return {"total": total, "trainable": total, "nonzero": sum(int((p != 0).sum()) for p in params)}
''', (FROZEN, BERT)),
    Wrong("trainable if in training mode", '''
def count_parameters(model):
    params = list(model.parameters())
    total = sum(p.numel() for p in params)
    trainable = total if model.training else 0
    return {"total": total, "trainable": trainable, "nonzero": sum(int((p != 0).sum()) for p in params)}
''', (FROZEN, BERT)),
    Wrong("transformers' own method", '''
def count_parameters(model):
    return {
        "total": model.num_parameters(),
        "trainable": model.num_parameters(only_trainable=True),
        "nonzero": sum(int((p != 0).sum()) for p in model.parameters()),
    }
''', (LAYER,)),
    Wrong("a formula from the config", '''
def count_parameters(model):
    c = model.config
    h, i = c.hidden_size, c.intermediate_size
    embeddings = (c.vocab_size + c.max_position_embeddings + c.type_vocab_size) * h + 2 * h
    layer = 4 * (h * h + h) + 2 * h * i + i + h + 4 * h
    total = embeddings + c.num_hidden_layers * layer + h * h + h
    return {"total": total, "trainable": total, "nonzero": total}
''', (LAYER, BERT)),
    Wrong("the first layer times the layers", '''
def count_parameters(model):
    layers = list(model.children()) or [model]
    total = len(layers) * sum(p.numel() for p in layers[0].parameters())
    nonzero = len(layers) * sum(int((p != 0).sum()) for p in layers[0].parameters())
    return {"total": total, "trainable": total, "nonzero": nonzero}
''', (FROZEN, TWICE)),
)  # fmt: skip
