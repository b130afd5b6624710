"""What a function changed of a model that it was given: a function that counts must change nothing.

A `Snapshot` is taken before and compared after. It holds modules, their training mode and their hooks. Of parameters
and buffers, it holds the tensor itself, type, shape, values bit for bit, gradient, and whether it is trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
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
class _TensorState:
    """A parameter or buffer: the tensor itself, and copies of all that may change in place."""

    tensor: Tensor
    values: Tensor
    grad: Tensor | None
    trained: bool
    hooks: int


@dataclass(frozen=True)
class _ModuleState:
    """A module itself, its type and mode, its hooks by their dictionary's name, and its replaced functions."""

    module: nn.Module
    kind: type
    training: bool
    hooks: Mapping[str, frozenset[int]]
    replaced: Mapping[str, int]


@dataclass(frozen=True)
class Snapshot:
    """A model as it is now. Tensors that have several names are listed under each."""

    parameters: Mapping[str, _TensorState]
    buffers: Mapping[str, _TensorState]
    modules: Mapping[str, _ModuleState]

    @classmethod
    def of(cls, model: nn.Module) -> Snapshot:
        """A model's snapshot, with copies of all its values."""
        return cls(
            {name: _tensor_state(tensor) for name, tensor in _parameters(model)},
            {name: _tensor_state(tensor) for name, tensor in nn.Module.named_buffers(model, remove_duplicate=False)},
            {name: _module_state(module) for name, module in nn.Module.named_modules(model, remove_duplicate=False)},
        )

    def changes(self, model: nn.Module) -> list[str]:
        """What is different in the model now, each as a clause; empty if nothing is."""
        modules = dict(nn.Module.named_modules(model, remove_duplicate=False))
        if layers := _different_layers(self.modules, modules):
            return _first_of_each(layers)  # their tensors, too, are others then
        buffers = dict(nn.Module.named_buffers(model, remove_duplicate=False))
        return [
            *_first_of_each(_different_modules(self.modules, modules)),
            *_first_of_each(_different_tensors("parameter", self.parameters, dict(_parameters(model)))),
            *_first_of_each(_different_tensors("buffer", self.buffers, buffers)),
        ]


@dataclass(frozen=True)
class _Change:
    """A clause about one module or tensor, with `{}` for its name; a clause without a name is complete."""

    clause: str
    name: str = ""

    def __str__(self) -> str:
        return self.clause.replace("{}", repr(self.name))


def _parameters(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return list(nn.Module.named_parameters(model, remove_duplicate=False))


def _tensor_state(tensor: Tensor) -> _TensorState:
    return _TensorState(
        tensor=tensor,
        values=tensor.detach().clone(),
        grad=None if tensor.grad is None else tensor.grad.detach().clone(),
        trained=tensor.requires_grad,
        hooks=_tensor_hooks(tensor),
    )


def _tensor_hooks(tensor: Tensor) -> int:
    return len(getattr(tensor, "_backward_hooks", None) or ()) + len(
        getattr(tensor, "_post_accumulate_grad_hooks", None) or ()
    )


def _module_state(module: nn.Module) -> _ModuleState:
    hooks = {name: frozenset(map(id, (getattr(module, name, None) or {}).values())) for name in HOOKS}
    replaced = {
        name: id(value) for name, value in vars(module).items() if callable(value) and not isinstance(value, nn.Module)
    }
    return _ModuleState(module=module, kind=type(module), training=module.training, hooks=hooks, replaced=replaced)


# -- the comparison ------------------------------------------------------------------------------------


def _different_layers(before: Mapping[str, _ModuleState], now: Mapping[str, nn.Module]) -> list[_Change]:
    """Modules that are gone, new, or other objects."""
    changes = _gone_and_new("layer", before.keys(), now.keys())
    for name in sorted(before.keys() & now.keys()):
        old, new = before[name], now[name]
        if old.kind is not type(new):
            clause = f"the layer {{}} is a {type(new).__name__} now, it was a {old.kind.__name__}"
            changes.append(_Change(clause, name))
        elif old.module is not new:
            changes.append(_Change("the layer {} is another one now", name))
    return changes


def _gone_and_new(word: str, before: Set[str], now: Set[str]) -> list[_Change]:
    gone = [_Change(f"the {word} {{}} is gone", name) for name in sorted(before - now)]
    return gone + [_Change(f"the {word} {{}} is new", name) for name in sorted(now - before)]


def _different_modules(before: Mapping[str, _ModuleState], now: Mapping[str, nn.Module]) -> list[_Change]:
    """Differences in modules that are the same objects."""
    changes = []
    for name, old in before.items():
        new = _module_state(now[name])
        for hook, words in HOOKS.items():
            if old.hooks[hook] != new.hooks[hook]:
                changes.append(_Change(f"{words} was {'left' if new.hooks[hook] - old.hooks[hook] else 'removed'}"))
        changes += [_Change("its function {} was replaced", each) for each in _unequal(old.replaced, new.replaced)]
    modes = [(old.training, now[name].training) for name, old in before.items()]
    if any(old != new for old, new in modes):
        mode = {True: "training mode", False: "evaluation mode"}
        new_mode = next(new for old, new in modes if old != new)
        changes.append(_Change(f"it is in {mode[new_mode]} now, it was in {mode[not new_mode]}"))
    return changes


def _unequal(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _different_tensors(word: str, before: Mapping[str, _TensorState], now: Mapping[str, Tensor]) -> list[_Change]:
    """Differences in parameters or buffers; `word` is the singular."""
    changes = _gone_and_new(word, before.keys(), now.keys())
    both = sorted(before.keys() & now.keys())
    types = {(before[name].values.dtype, now[name].dtype) for name in both}
    if len(types) == 1 and (only := types.pop())[0] != only[1]:
        return [*changes, _Change(f"the {word}s are {only[1]} now, they were {only[0]}")]
    for name in both:
        changes += [_Change(f"the {word} {{}} {clause}", name) for clause in _different(before[name], now[name])]
    return changes


def _different(old: _TensorState, new: Tensor) -> list[str]:
    """Differences in one tensor, as clauses without their subject."""
    if old.values.dtype != new.dtype:
        return [f"is {new.dtype} now, it was {old.values.dtype}"]
    if old.values.shape != new.shape:
        return [f"has the shape {tuple(new.shape)} now, it had {tuple(old.values.shape)}"]
    if old.values.device != new.device:
        return [f"is on {new.device} now, it was on {old.values.device}"]
    clauses = []
    if not _same_bits(old.values, new):
        clauses.append("has other values now")
    elif old.tensor is not new:
        clauses.append("is another tensor now")
    if old.trained != new.requires_grad:
        clauses.append(f"has requires_grad {new.requires_grad} now, it had {old.trained}")
    if (old.grad is None) != (new.grad is None):
        clauses.append(f"has {'no' if new.grad is None else 'a'} gradient now")
    elif old.grad is not None and new.grad is not None and not _same_bits(old.grad, new.grad):
        clauses.append("has another gradient now")
    if old.hooks != _tensor_hooks(new):
        clauses.append("has another number of hooks now")
    return clauses


def _same_bits(old: Tensor, new: Tensor) -> bool:
    """Whether two tensors hold the same bits: -0.0 is not 0.0 here, and NaN is NaN."""
    if old.shape != new.shape or old.dtype != new.dtype:
        return False
    return torch.equal(*(tensor.detach().contiguous().view(-1).view(torch.uint8) for tensor in (old, new)))


def _first_of_each(changes: list[_Change]) -> list[str]:
    """One clause of each kind, with the number of others like it: forty parameters often change in the same way."""
    kinds: dict[str, list[_Change]] = {}
    for change in changes:
        kinds.setdefault(change.clause, []).append(change)
    return [
        f"{alike[0]}" + (f" (and {len(alike) - 1} more like it)" if len(alike) > 1 else "") for alike in kinds.values()
    ]
