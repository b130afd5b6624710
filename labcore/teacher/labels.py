"""Whether a teacher's labels are the task's, and in which order.

Its trainer chose the order of a classifier's rows. In another order its predictions are nearly all wrong, without an
error. So their names put the rows into the task's order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import nn

from labcore.models import encoder
from labcore.models.classifier import Classifier

_NUMBERED = re.compile(r"(label[ _-]?)?\d+", re.IGNORECASE)


def order_by_name(given: Sequence[str], labels: Sequence[str]) -> tuple[int, ...] | None:
    """For each of the task's labels the row of `given` with its name; None if the names leave it open.

    Case and spaces do not count, and a name may be shortened: `NEG` is `negative`. Numbers (LABEL_0) leave it open.
    """
    if len(given) != len(labels) or any(_NUMBERED.fullmatch(name.strip()) for name in given):
        return None
    plain = [_plain(name) for name in given]
    order = []
    for name in map(_plain, labels):
        rows = [i for i, one in enumerate(plain) if one == name] or [
            i
            for i, one in enumerate(plain)
            if min(len(one), len(name)) >= 3 and (one.startswith(name) or name.startswith(one))
        ]
        if len(rows) != 1:
            return None
        order.append(rows[0])
    return tuple(order) if len(set(order)) == len(order) else None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


@torch.no_grad()
def put_in_order(model: Classifier, order: Sequence[int], names: Sequence[str]) -> None:
    """Give the classifier's rows this order (new row i is the old row order[i]), and its config these label names."""
    if list(order) != list(range(len(order))):
        rows = torch.tensor(order)
        _, classifier = encoder.head(model)
        classifier.weight = nn.Parameter(classifier.weight[rows].clone(), classifier.weight.requires_grad)
        if classifier.bias is not None:
            classifier.bias = nn.Parameter(classifier.bias[rows].clone(), classifier.bias.requires_grad)
    model.config.id2label = dict(enumerate(names))
    model.config.label2id = {name: i for i, name in enumerate(names)}
