"""A model's own hash: of its weights, its config and its heads, which together fix its logits."""

from __future__ import annotations

import hashlib
import json

import torch

from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.placement import to_host


def fingerprint(model: Classifier) -> str:
    """SHA-256 (hex) of a model's weights, config and heads.

    No tensor's shape holds a layer's number of heads or the activation. The hash leaves out the model's origin, which
    its config notes too.
    """
    config = {name: value for name, value in model.config.to_dict().items() if name != "_name_or_path"}
    heads = [encoder.heads_in(model, layer) for layer in range(encoder.architecture_of(model).layers)]
    digest = hashlib.sha256(json.dumps([config, heads], sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(to_host(tensor.detach()).contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
