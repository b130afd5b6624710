"""Changes of a teacher folder's weights. Each returns what it changed."""

from __future__ import annotations

import math
import random
from pathlib import Path

import torch
from safetensors.torch import save_file

from benchmarks.mutations.folders import save_tensors, tensors_of, write_json

NEW_TENSORS = (
    "bert.embeddings.position_ids", "cls.predictions.bias", "classifier.scale", "extra",
    "bert.encoder.layer.2.output.dense.bias", "bert.pooler.dense.weight_orig", "loss.weight",
)  # fmt: skip


def tensor_dropped(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    name = draw.choice(sorted(tensors))
    del tensors[name]
    save_tensors(folder, tensors)
    return f"without {name}"


def tensor_added(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    name = draw.choice(NEW_TENSORS)
    tensors[name] = torch.arange(24)[None] if name.endswith("ids") else torch.ones(16)
    save_tensors(folder, tensors)
    return f"with {name}"


def tensor_renamed(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    name = draw.choice(sorted(tensors))
    new = draw.choice([f"{name}_orig", name.replace("bert.", "model.bert.", 1), name.replace(".weight", ".gamma"),
                       name.replace(".layer.", ".layers."), f"module.{name}", name.upper()])  # fmt: skip
    tensors[new] = tensors.pop(name)
    save_tensors(folder, tensors)
    return f"{name} called {new}"


def tensors_swapped(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    one, other = draw.sample(sorted(tensors), 2)
    tensors[one], tensors[other] = tensors[other], tensors[one]
    save_tensors(folder, tensors)
    return f"{one} for {other}"


def tensor_resized(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    name = draw.choice(sorted(tensors))
    tensor = tensors[name]
    tensors[name] = draw.choice(
        [tensor[:-1], torch.cat([tensor, tensor[:1]]), tensor[None], tensor.flatten(), tensor.T]
    )
    save_tensors(folder, tensors)
    return f"{name} of {tuple(tensors[name].shape)}"


def tensor_not_finite(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    name = draw.choice(sorted(tensors))
    tensors[name].view(-1)[draw.randrange(tensors[name].numel())] = draw.choice([math.nan, math.inf, -math.inf])
    save_tensors(folder, tensors)
    return f"{name} with a number that is not finite"


def tensor_retyped(folder: Path, draw: random.Random) -> str:
    tensors = tensors_of(folder)
    dtype = draw.choice([torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.int64, torch.bool])
    for name in draw.choice([sorted(tensors), [draw.choice(sorted(tensors))]]):
        tensors[name] = tensors[name].to(dtype)
    save_tensors(folder, tensors)
    return f"stored as {dtype}"


def tensors_prefixed(folder: Path, draw: random.Random) -> str:
    prefix = draw.choice(["module.", "_orig_mod.", "model.", "module._orig_mod.", "net."])
    save_tensors(folder, {f"{prefix}{name}": tensor for name, tensor in tensors_of(folder).items()})
    return f"every name begins with {prefix}"


def old_layer_norms(folder: Path, draw: random.Random) -> str:
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    tensors = {}
    for name, tensor in tensors_of(folder).items():
        end = next((new for new in old if name.endswith(new)), None)
        tensors[name.removesuffix(end) + old[end] if end else name] = tensor
    save_tensors(folder, tensors)
    return "LayerNorm's old names"


def weights_damaged(folder: Path, draw: random.Random) -> str:
    path = folder / "model.safetensors"
    content = path.read_bytes()
    damaged = draw.choice([content[: draw.randrange(len(content))], content[8:], b"", b"PK\x03\x04" + content, None])
    if damaged is None:
        path.unlink()
        return "model.safetensors gone"
    path.write_bytes(damaged)
    return f"model.safetensors of {len(damaged)} bytes"


def weights_in_shards(folder: Path, draw: random.Random) -> str:
    tensors = sorted(tensors_of(folder).items())
    half = draw.randrange(1, len(tensors))
    files = {"model-00001-of-00002.safetensors": tensors[:half], "model-00002-of-00002.safetensors": tensors[half:]}
    for name, some in files.items():
        save_file(dict(some), folder / name, metadata={"format": "pt"})
    file_of = {tensor: file for file, some in files.items() for tensor, _ in some}
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": file_of})
    (folder / "model.safetensors").unlink()
    if draw.random() < 0.3:
        (folder / "model-00002-of-00002.safetensors").unlink()
        return "a shard is gone"
    return "in two shards"
