"""What Torch-Pruning leaves of a BERT without some heads or feed-forward neurons: an oracle for the lab's counts.

    python -m benchmarks.peers.structure

In an environment of its own, see requirements.txt beside this file. Torch-Pruning (Fang et al., 2023,
https://arxiv.org/abs/2301.12900) finds the coupled matrices itself, by following the gradient's graph: told to take
rows out of `query`, it takes them out of `key` and `value` too, and the columns out of the attention's output; told
to take rows out of the first feed-forward matrix, the columns out of the second. No name but these two is given to it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
import torch_pruning as tp
from torch import nn
from transformers import BertForSequenceClassification

from labcore.models.classifier import build, initialise_randomly
from labcore.teacher.built_in import BUILT_IN

PUBLISHED = 95_312_640  # BertModel of bert-base-uncased, pooler included, with 6 of its 12 heads removed in each layer


def heads_removed(model: BertForSequenceClassification, kept_per_layer: int) -> int:
    """Parameters of the classifier once every encoder layer has only its first `kept_per_layer` heads."""
    student = copy.deepcopy(model)
    remove_heads(student, range(kept_per_layer, model.config.num_attention_heads))
    return parameters(student)


def neurons_removed(model: BertForSequenceClassification, kept: int) -> int:
    """Parameters of the classifier once every feed-forward network has only its first `kept` neurons."""
    student = copy.deepcopy(model)
    remove_neurons(student, range(kept, model.config.intermediate_size))
    return parameters(student)


def remove_heads(model: BertForSequenceClassification, removed: Sequence[int]) -> None:
    """Take these heads (indices from 0) out of every encoder layer, in place; the model still runs."""
    graph = _graph(model)
    for layer in model.bert.encoder.layer:
        attention = layer.attention.self
        size = attention.attention_head_size
        rows = [head * size + i for head in removed for i in range(size)]
        graph.get_pruning_group(attention.query, tp.prune_linear_out_channels, idxs=rows).prune()
        attention.all_head_size = attention.query.out_features
        attention.num_attention_heads = attention.all_head_size // size


def remove_neurons(model: BertForSequenceClassification, removed: Sequence[int]) -> None:
    """Take these feed-forward neurons (indices from 0) out of every encoder layer, in place; the model still runs."""
    graph = _graph(model)
    for layer in model.bert.encoder.layer:
        graph.get_pruning_group(layer.intermediate.dense, tp.prune_linear_out_channels, idxs=list(removed)).prune()


def parameters(module: nn.Module) -> int:
    """Numbers in a module's parameters."""
    return sum(parameter.numel() for parameter in module.parameters())


def _graph(model: BertForSequenceClassification) -> tp.DependencyGraph:
    tokens = torch.zeros(1, 16, dtype=torch.long, device=model.device)
    return tp.DependencyGraph().build_dependency(
        model.eval(), example_inputs={"input_ids": tokens}, output_transform=lambda output: output.logits.sum()
    )


def main() -> None:
    """Half the heads, half the neurons, and both, of two architectures."""
    for name in ("bert-base-uncased", "reviews"):
        model = initialise_randomly(build(BUILT_IN[name]))
        classifier = parameters(model.classifier)
        heads, neurons = model.config.num_attention_heads // 2, model.config.intermediate_size // 2
        both = copy.deepcopy(model)
        remove_heads(both, range(1, 2 * heads, 2))
        remove_neurons(both, range(1, 2 * neurons, 2))
        totals = {
            "whole": parameters(model),
            f"{heads} of {2 * heads} heads": heads_removed(model, heads),
            f"{neurons:,} of {2 * neurons:,} neurons": neurons_removed(model, neurons),
            "both": parameters(both),
        }
        print(name)
        for what, total in totals.items():
            print(f"    {what:22} {total:>11,} parameters, BertModel {total - classifier:>11,}")
        if name == "bert-base-uncased":
            met = totals[f"{heads} of {2 * heads} heads"] - classifier == PUBLISHED
            print(f"    published for {heads} heads, BertModel {PUBLISHED:,}: {'the same' if met else 'NOT the same'}")


if __name__ == "__main__":
    main()
