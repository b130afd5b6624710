"""Multiply-accumulates of one example as calflops and ptflops count them: oracles for torch's own counter.

    python -m benchmarks.peers.macs

In an environment of its own, see requirements.txt beside this file. What each counts of a BERT classifier:

| tool | products with weights | attention's two products | bias adds | LayerNorm | softmax | GELU, tanh, sums |
|---|---|---|---|---|---|---|
| FlopCounterMode / 2 | yes | eager; sdpa on meta, not on cpu | no | no | no | no |
| calflops, MACs | yes | eager only | no | no | no | no |
| ptflops, aten | yes | eager only | yes | no | no | no |
| ptflops, pytorch | yes | eager only | yes | 1 an element | eager: 1 an element | no |

The fused attention of the processor (`aten._scaled_dot_product_flash_attention_for_cpu`, which sdpa takes outside
training) is unknown to all three and counts as nothing: https://github.com/pytorch/pytorch/issues/195460. On the meta
device sdpa falls apart into products, which are counted. So both functions here use eager attention by default.
"""

from __future__ import annotations

import copy
import statistics
import time
from typing import Literal

import torch
from calflops import calculate_flops
from ptflops import get_model_complexity_info
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertForSequenceClassification

from labcore.models.classifier import build, initialise_randomly
from labcore.teacher.built_in import BUILT_IN

Attention = Literal["eager", "sdpa"]
CASES = (("bert-base-uncased", 128), ("reviews", 128), ("reviews", 32))


def calflops_macs(model: BertForSequenceClassification, tokens: int, attention: Attention = "eager") -> int:
    """Multiply-accumulates by calflops: matrix products, nothing else (its FLOPs add LayerNorm and softmax)."""
    with torch.no_grad():
        _, macs, _ = calculate_flops(
            model=_copy(model, attention),
            kwargs={"input_ids": _example(tokens)},
            print_results=False,
            output_as_string=False,
        )
    return int(macs)


def ptflops_macs(
    model: BertForSequenceClassification,
    tokens: int,
    attention: Attention = "eager",
    backend: Literal["aten", "pytorch"] = "aten",
) -> int:
    """Multiply-accumulates by ptflops: matrix products and bias adds; with `pytorch`, LayerNorm and softmax too."""
    with torch.no_grad():
        macs, _ = get_model_complexity_info(
            _copy(model, attention),
            (tokens,),
            input_constructor=lambda shape: _example(*shape),
            print_per_layer_stat=False,
            as_strings=False,
            backend=backend,
        )
    assert isinstance(macs, int)  # it prints an exception and gives None
    return macs


def torch_macs(model: BertForSequenceClassification, tokens: int, attention: Attention) -> int:
    """Half of FlopCounterMode's total, on the model's own device. Leaves the model with this attention."""
    model.eval().set_attn_implementation(attention)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(input_ids=_example(tokens).to(model.device))
    return counter.get_total_flops() // 2


def meta_milliseconds(architecture_name: str, tokens: int, attention: Attention, rounds: int = 5) -> float:
    """Median time of FlopCounterMode's count on the meta device, of a model that is built already, once warm."""
    model = _on_meta(architecture_name)
    times = []
    for _ in range(1 + rounds):
        started = time.perf_counter()
        torch_macs(model, tokens, attention)
        times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times[1:])


def _on_meta(architecture_name: str) -> BertForSequenceClassification:
    with torch.device("meta"):
        return build(BUILT_IN[architecture_name])


def _copy(model: BertForSequenceClassification, attention: Attention) -> BertForSequenceClassification:
    """A copy to count in: ptflops leaves its hooks behind."""
    copied = copy.deepcopy(model).eval()
    copied.set_attn_implementation(attention)
    return copied


def _example(tokens: int) -> torch.Tensor:
    return torch.zeros(1, tokens, dtype=torch.long)


def main() -> None:
    """Every tool, both attentions, beside torch's counter; then how long that takes for a BERT-large."""
    attentions: tuple[Attention, ...] = ("eager", "sdpa")
    for name, tokens in CASES:
        model, meta = initialise_randomly(build(BUILT_IN[name])), _on_meta(name)
        reference = torch_macs(meta, tokens, "eager")
        print(f"{name}, {tokens} tokens")
        for attention in attentions:
            counted = {
                "FlopCounterMode / 2, meta": torch_macs(meta, tokens, attention),
                "FlopCounterMode / 2, cpu": torch_macs(model, tokens, attention),
                "calflops": calflops_macs(model, tokens, attention),
                "ptflops, aten": ptflops_macs(model, tokens, attention),
                "ptflops, pytorch": ptflops_macs(model, tokens, attention, "pytorch"),
            }
            for tool, macs in counted.items():
                print(f"    {attention:5} {tool:25} {macs:>14,}  {100 * (macs / reference - 1):+.3f} %")
    for attention in attentions:
        took = meta_milliseconds("bert-large-uncased", 128, attention)
        print(f"bert-large-uncased, 128 tokens, FlopCounterMode on meta, {attention}: median {took:.0f} ms of 5")


if __name__ == "__main__":
    main()
