"""Models and tensors on the device that computes: they come from the host, and their results go back to it."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

from labcore.system import processor

Model = TypeVar("Model", bound=nn.Module)


def device_of(model: nn.Module) -> torch.device:
    """The device that a model's weights are on."""
    return next(model.parameters()).device


def placed(model: Model) -> Model:
    """The model itself if the chosen device has it, else a copy there: a model on the host may have other readers.

    Raises SpecError if the chosen device is unknown, or not in this machine.
    """
    device = processor.device()
    if device_of(model).type == device.type:
        return model
    moved: dict[int, object] = {id(buffer): buffer.to(device) for buffer in model.buffers()}
    for parameter in model.parameters():
        moved[id(parameter)] = nn.Parameter(parameter.detach().to(device), parameter.requires_grad)
    return copy.deepcopy(model, moved)  # tied weights stay tied, because deepcopy finds both in `moved`


def to_host(tensor: Tensor) -> Tensor:
    """The tensor on the host, on which everything is cached, counted and saved."""
    return tensor.to(processor.HOST)


def in_float64(tensor: Tensor) -> Tensor:
    """The tensor in double precision: on its own device if that has it, else on the host."""
    return (tensor if processor.has_float64(tensor.device) else to_host(tensor)).double()
