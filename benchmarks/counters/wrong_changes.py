"""Wrong in what is left behind: the counts may be right, and the model is another one afterwards."""

from __future__ import annotations

from benchmarks.counters.sample import Wrong

COUNTED = """
    params = list(model.parameters())
    counts = {
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
"""


def _after(lines: str, imports: str = "import torch") -> str:
    """The file of someone who counts right, and does this to the model afterwards."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"\n{imports}\n\n\ndef count_parameters(model):{COUNTED}{body}    return counts\n"


LAYER, FROZEN, BERT, REPARAMETRISED = "a linear layer", "frozen weights", "BERT-tiny", "a reparametrised layer"

WRONG_CHANGES = (
    Wrong("casts to half", _after("model.half()"), (LAYER, BERT)),
    Wrong("casts to double", _after("model.double()"), (LAYER, BERT)),
    Wrong("casts to half and back", _after("model.half().float()"), ("tiny values", BERT)),
    Wrong(
        "leaves hooks",
        _after("for m in model.modules():\n    m.register_forward_hook(lambda m, i, o: None)"),
        (LAYER, BERT),
    ),
    Wrong(
        "leaves hooks on parameters",
        _after("for p in params:\n    if p.requires_grad:\n        p.register_hook(lambda g: g)"),
        (LAYER, BERT),
    ),
    Wrong("freezes", _after("model.requires_grad_(False)"), (LAYER, BERT)),
    Wrong("thaws what was frozen", _after("for p in params:\n    p.requires_grad = True"), (FROZEN, BERT)),
    Wrong(
        "sets small values to 0",
        _after("for p in params:\n    p.data[p.data.abs() < 1e-3] = 0"),
        ("tiny values", BERT),
    ),
    Wrong("turns -0.0 into 0.0", _after("for p in params:\n    p.data += 0.0"), ("scattered zeros",)),
    Wrong(
        "replaces its parameters",
        _after(
            "for m in model.modules():\n"
            "    for n, p in list(m.named_parameters(recurse=False)):\n"
            "        setattr(m, n, torch.nn.Parameter(p.detach().clone(), p.requires_grad))"
        ),
        (LAYER, BERT),
    ),
    Wrong("leaves it in evaluation mode", _after("model.eval()"), (LAYER,)),
    Wrong("leaves it in training mode", _after("model.train()"), (BERT,)),
    Wrong("leaves gradients", _after("sum(p.sum() for p in params if p.requires_grad).backward()"), (LAYER, BERT)),
    Wrong(
        "runs a batch norm on a batch",
        _after(
            "for m in model.modules():\n"
            "    if 'BatchNorm' in type(m).__name__:\n"
            "        m(torch.randn(4, m.num_features))"
        ),
        ("buffers",),
    ),
    Wrong(
        "leaves counters as buffers",
        _after("model.register_buffer('total_params', torch.tensor(counts['total']))"),
        (LAYER, BERT),
    ),
    Wrong(
        "removes a parametrisation",
        _after(
            "for m in list(model.modules()):\n"
            "    if P.is_parametrized(m):\n"
            "        P.remove_parametrizations(m, 'weight')",
            "import torch.nn.utils.parametrize as P",
        ),
        (REPARAMETRISED,),
    ),
    Wrong(
        "removes its last layer",
        _after("if len(list(model.children())) > 1:\n    del model._modules[list(model._modules)[-1]]"),
        (FROZEN, BERT),
    ),
    Wrong(
        "wraps its forward",
        _after("old = model.forward\nmodel.forward = lambda *a, **k: old(*a, **k)"),
        (LAYER, BERT),
    ),
)  # fmt: skip
