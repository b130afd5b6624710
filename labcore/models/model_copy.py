"""A copy of a model as `copy.deepcopy` makes it, in less time: each new value of a slider needs one."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any, TypeVar

from torch import nn

Module = TypeVar("Module", bound=nn.Module)
PLAIN = frozenset((type(None), bool, int, float, str))
CONTAINERS = frozenset((dict, OrderedDict, set, list))


def copied(module: Module) -> Module:
    """A copy that shares no tensor, container or configuration with the module. What is one in it stays one.

    copy.deepcopy spends its time on the empty tables of hooks that each of a hundred modules has.
    """
    return _module(module, {})


def _module(module: Module, memo: dict[int, Any]) -> Module:
    """The copy of a module. memo: what was copied so far, by its id, as copy.deepcopy has it."""
    new = memo[id(module)] = type(module).__new__(type(module))
    attributes = new.__dict__
    for name, value in module.__getstate__().items():  # without a compiled call, which is bound to the original
        kind = type(value)
        if kind in PLAIN:
            attributes[name] = value
        elif kind in CONTAINERS and not value:
            attributes[name] = kind()
        else:
            attributes[name] = _value(value, memo)
    return new


def _value(value: Any, memo: dict[int, Any]) -> Any:
    """The copy of a value that is no plain one, or that may be in several places."""
    if id(value) in memo:
        return memo[id(value)]
    if type(value) is dict:
        new = memo[id(value)] = {}
        new.update((name, _value(part, memo)) for name, part in value.items())
        return new
    if isinstance(value, nn.Module):
        return _module(value, memo)
    return copy.deepcopy(value, memo)
