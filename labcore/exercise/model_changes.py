"""What a function changed of a model that it was given: to count is to look, and whoever looks leaves no trace.

A `Snapshot` is taken before and compared after: parameters and buffers (the tensor itself, type, shape, values bit for bit,
gradient, whether it is trained), modules, their training mode and their hooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

HOOKS = {
    "_forward_hooks": "a forward hook",
    "_forward_pre_hooks": "a forward hook",
    "_backward_hooks": "a backward hook",
    "_backward_pre_hooks": "a backward hook",
    "_state_dict_hooks": "a state_dict hook",
    "_state_dict_pre_hooks": "a state_dict hook",
    "_load_state_dict_pre_hooks": "a state_dict hook",
    "_load_state_dict_post_hooks": "a state_dict hook",
}


@dataclass(frozen=True)
class _Held:
    """A parameter or buffer: the tensor itself, and copies of what may change in place."""

    tensor: Tensor
    values: Tensor
    grad: Tensor | None
    trained: bool
    hooks: int


@dataclass(frozen=True)
class _Module:
    """A module itself, its type and mode, its hooks by their dictionary's name, and its functions that were exchanged."""

    module: nn.Module
    kind: type
    training: bool
    hooks: Mapping[str, frozenset[int]]
    replaced: Mapping[str, int]


@dataclass(frozen=True)
class Snapshot:
    """A model as it is now. Tensors that have several names are listed under each."""

    parameters: Mapping[str, _Held]
    buffers: Mapping[str, _Held]
    modules: Mapping[str, _Module]

    @classmethod
    def of(cls, model: nn.Module) -> Snapshot:
        """A model's snapshot, with copies of all its values."""
        return cls(
            {name: _held(tensor) for name, tensor in _parameters(model)},
            {name: _held(tensor) for name, tensor in nn.Module.named_buffers(model, remove_duplicate=False)},
            {name: _module(module) for name, module in nn.Module.named_modules(model, remove_duplicate=False)},
        )

    def changes(self, model: nn.Module) -> list[str]:
        """What is different in the model now, each as a clause; empty if nothing is."""
        modules = dict(nn.Module.named_modules(model, remove_duplicate=False))
        if layers := _different_layers(self.modules, modules):
            return layers  # their tensors, too, are others then
        return [
            *_different_modules(self.modules, modules),
            *_different_tensors("parameter", self.parameters, dict(_parameters(model))),
            *_different_tensors("buffer", self.buffers, dict(nn.Module.named_buffers(model, remove_duplicate=False))),
        ]


def _parameters(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return list(nn.Module.named_parameters(model, remove_duplicate=False))


def _held(tensor: Tensor) -> _Held:
    grad = None if tensor.grad is None else tensor.grad.detach().clone()
    return _Held(tensor, tensor.detach().clone(), grad, tensor.requires_grad, _tensor_hooks(tensor))


def _tensor_hooks(tensor: Tensor) -> int:
    return len(getattr(tensor, "_backward_hooks", None) or ()) + len(
        getattr(tensor, "_post_accumulate_grad_hooks", None) or ()
    )


def _module(module: nn.Module) -> _Module:
    hooks = {name: frozenset(map(id, (getattr(module, name, None) or {}).values())) for name in HOOKS}
    replaced = {
        name: id(value) for name, value in vars(module).items() if callable(value) and not isinstance(value, nn.Module)
    }
    return _Module(module, type(module), module.training, hooks, replaced)


# -- the comparison ------------------------------------------------------------------------------------


def _different_layers(before: Mapping[str, _Module], now: Mapping[str, nn.Module]) -> list[str]:
    """Which modules there are."""
    found = [f"the layer {name!r} is gone" for name in sorted(before.keys() - now.keys())]
    found += [f"the layer {name!r} is new" for name in sorted(now.keys() - before.keys())]
    for name in sorted(before.keys() & now.keys()):
        old, new = before[name], now[name]
        if old.kind is not type(new):
            found.append(f"the layer {name!r} is a {type(new).__name__} now, it was a {old.kind.__name__}")
        elif old.module is not new:
            found.append(f"the layer {name!r} is another one now")
    return _first_of_each(found)


def _different_modules(before: Mapping[str, _Module], now: Mapping[str, nn.Module]) -> list[str]:
    """What is different in modules that are the same."""
    found = []
    for name, old in before.items():
        new = _module(now[name])
        for hook, words in HOOKS.items():
            if old.hooks[hook] != new.hooks[hook]:
                found.append(f"{words} was {'left' if new.hooks[hook] - old.hooks[hook] else 'removed'}")
        found += [f"its function {each!r} was replaced" for each in _unequal(old.replaced, new.replaced)]
    modes = [(old.training, now[name].training) for name, old in before.items()]
    if any(old != new for old, new in modes):
        mode = {True: "training mode", False: "evaluation mode"}
        new_mode = next(new for old, new in modes if old != new)
        found.append(f"it is in {mode[new_mode]} now, it was in {mode[not new_mode]}")
    return _first_of_each(found)


def _unequal(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _different_tensors(word: str, before: Mapping[str, _Held], now: Mapping[str, Tensor]) -> list[str]:
    found = [f"the {word} {name!r} is gone" for name in sorted(before.keys() - now.keys())]
    found += [f"the {word} {name!r} is new" for name in sorted(now.keys() - before.keys())]
    both = sorted(before.keys() & now.keys())
    types = {(before[name].values.dtype, now[name].dtype) for name in both}
    if len(types) == 1 and (only := types.pop())[0] != only[1]:
        return [*_first_of_each(found), f"the {word}s are {only[1]} now, they were {only[0]}"]
    for name in both:
        found += _different(f"the {word} {name!r}", before[name], now[name])
    return _first_of_each(found)


def _different(which: str, old: _Held, new: Tensor) -> list[str]:
    """What is different in one tensor."""
    found = []
    if old.values.dtype != new.dtype:
        return [f"{which} is {new.dtype} now, it was {old.values.dtype}"]
    if old.values.shape != new.shape:
        return [f"{which} has the shape {tuple(new.shape)} now, it had {tuple(old.values.shape)}"]
    if old.values.device != new.device:
        return [f"{which} is on {new.device} now, it was on {old.values.device}"]
    if not _same_bits(old.values, new):
        found.append(f"{which} has other values now")
    elif old.tensor is not new:
        found.append(f"{which} is another tensor now")
    if old.trained != new.requires_grad:
        found.append(f"{which} has requires_grad {new.requires_grad} now, it had {old.trained}")
    if (old.grad is None) != (new.grad is None):
        found.append(f"{which} has {'no' if new.grad is None else 'a'} gradient now")
    elif old.grad is not None and new.grad is not None and not _same_bits(old.grad, new.grad):
        found.append(f"{which} has another gradient now")
    if old.hooks != _tensor_hooks(new):
        found.append(f"{which} has another number of hooks now")
    return found


def _same_bits(old: Tensor, new: Tensor) -> bool:
    """Whether two tensors hold the same bits: -0.0 is not 0.0 here, and NaN is NaN."""
    if old.shape != new.shape or old.dtype != new.dtype:
        return False
    return torch.equal(*(tensor.detach().contiguous().view(-1).view(torch.uint8) for tensor in (old, new)))


def _first_of_each(found: list[str]) -> list[str]:
    """One clause of each kind, with how many more there are: forty parameters change alike, or not at all."""
    kinds: dict[str, list[str]] = {}
    for clause in found:
        quoted = clause.split("'")
        kinds.setdefault(quoted[0] + quoted[-1], []).append(clause)
    return [
        clauses[0] + (f" (and {len(clauses) - 1} more like it)" if len(clauses) > 1 else "")
        for clauses in kinds.values()
    ]
