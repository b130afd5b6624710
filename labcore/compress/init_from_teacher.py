"""A smaller model, initialised from a larger one: project, keep what adds most, then refit each matrix in closed form.

Narrower: the hidden states are projected on their principal directions, as in SliceGPT (Ashkboos et al., 2024,
https://arxiv.org/abs/2401.15024). Heads, their dimensions and neurons are kept by their contribution on examples,
as in Minitron (Muralidharan et al., 2024, https://arxiv.org/abs/2407.14679).

Refitted: from the bottom up, each matrix gets the weights that bring the student nearest to the teacher. Its inputs are
the student's own states, its targets the teacher's outputs for the same tokens. So a matrix compensates for what was
lost below it, removed layers included. ThiNet refits the layer above a pruned one in this way (Luo et al.,
2017, https://arxiv.org/abs/1707.06342).

Shapes: n tokens of the sample, without padding; H the teacher's hidden size, D the student's.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from labcore.compress.layer_outputs import LayerOutputs, SampleTokens, layer_outputs
from labcore.data.batches import Encoded
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.encoder import LayerModules

RIDGE = 0.2  # the cost of a weight's change, as a fraction of the inputs' mean variance


@torch.no_grad()
def initialise_from_teacher(
    source: Classifier,
    target: Classifier,
    layers: tuple[int, ...],
    sample: Encoded,
) -> None:
    """Fill `target`, which has no size above `source`'s, from these layers of it. Both are in evaluation mode.

    A target of the source's own sizes gets the source's weights, bit for bit.
    """
    shape = encoder.architecture_of(target)
    if shape == encoder.architecture_of(source):
        target.load_state_dict(source.state_dict())
        return
    tokens = SampleTokens.of(sample)
    first, outputs = layer_outputs(source, tokens, layers)
    basis = _principal([first, *(output.after for output in outputs)], shape.hidden)  # (H, D)

    states = _fit_embeddings(source, target, first, basis, tokens)
    for index, output in enumerate(outputs):
        layer = encoder.layer_modules(target, index)
        states = _fit_attention(output, layer, states, basis, tokens)
        states = _fit_feed_forward(output, layer, states, basis)
    cls = tokens.positions == 0
    _fit_head(source, target, outputs[-1].after[cls], states[cls], basis)


# -- embeddings and head -----------------------------------------------------------------------------


def _fit_embeddings(
    source: Classifier, target: Classifier, first: Tensor, basis: Tensor, tokens: SampleTokens
) -> Tensor:
    """Fill the student's embeddings; its states (n, D) after them. first: the teacher's, (n, H)."""
    norm = encoder.embedding_norm(source)
    scaled = norm.weight[:, None] * basis  # (H, D): applies the teacher's gains, then projects
    projection = (scaled - scaled.mean(0)) / _gain(norm, basis)  # centres its input first, as LayerNorm does
    tables = encoder.embedding_tables(target)
    for table, narrow in zip(encoder.embedding_tables(source), tables, strict=True):
        narrow.weight.copy_(table.weight @ projection)
    words, positions, types = tables
    summed = words(tokens.ids) + positions(tokens.positions) + types.weight[0]
    return _normalise(encoder.embedding_norm(target), summed, first @ basis)


def _fit_head(source: Classifier, target: Classifier, teacher: Tensor, student: Tensor, basis: Tensor) -> None:
    """Fill the student's head. teacher, student: the last [CLS] states, (examples, H) and (examples, D)."""
    teacher_dense, teacher_classifier = encoder.head(source)
    dense, classifier = encoder.head(target)
    activation = encoder.head_activation(source)
    outputs = teacher_dense(teacher)
    pooled = activation(outputs)
    kept = _largest(_contribution(pooled, teacher_classifier), basis.shape[1])
    _fit(dense, student, outputs[:, kept], teacher_dense.weight[kept] @ basis)
    _fit(classifier, activation(dense(student)), teacher_classifier(pooled), teacher_classifier.weight[:, kept])


# -- the layer's two halves --------------------------------------------------------------------------


def _fit_attention(
    output: LayerOutputs, student: LayerModules, states: Tensor, basis: Tensor, tokens: SampleTokens
) -> Tensor:
    """Fill the student's attention; its states (n, D) after it.

    Kept: the heads that add most, of each the dimensions that weigh most in its scores (query · key) and its output.
    Queries are scaled by √(size / teacher's size), which undoes the change of the scores' own scale.
    """
    teacher = output.layer
    queries, keys, values = teacher.query(output.before), teacher.key(output.before), teacher.value(output.before)
    heads, size = student.heads, student.head_size
    to_output = _contribution(output.attended, teacher.output).unflatten(0, (teacher.heads, -1))
    to_scores = (queries.square().mean(0) * keys.square().mean(0)).view_as(to_output)
    score_rows = _head_rows(to_scores, to_output.sum(1), heads, size, spread=False)
    value_rows = _head_rows(to_output, to_output.sum(1), heads, size, spread=True)
    scale = math.sqrt(size / teacher.head_size)
    _fit(student.query, states, queries[:, score_rows] * scale, teacher.query.weight[score_rows] @ basis * scale)
    _fit(student.key, states, keys[:, score_rows], teacher.key.weight[score_rows] @ basis)
    _fit(student.value, states, values[:, value_rows], teacher.value.weight[value_rows] @ basis)
    end = _End(teacher.output, teacher.attention_norm, student.output, student.attention_norm)
    summed = output.before + teacher.output(output.attended)
    return _fit_end(end, tokens.attended(student, states), value_rows, states, summed, basis)


def _fit_feed_forward(output: LayerOutputs, student: LayerModules, states: Tensor, basis: Tensor) -> Tensor:
    """Fill the student's feed-forward network, with the neurons that add most; its states (n, D) after it."""
    teacher = output.layer
    inner = teacher.up(output.between)
    active = teacher.activation(inner)
    kept = _largest(_contribution(active, teacher.down), student.down.in_features)
    _fit(student.up, states, inner[:, kept], teacher.up.weight[kept] @ basis)
    end = _End(teacher.down, teacher.feed_forward_norm, student.down, student.feed_forward_norm)
    summed = output.between + teacher.down(active)
    return _fit_end(end, student.activation(student.up(states)), kept, states, summed, basis)


class _End(NamedTuple):
    """The matrix and the LayerNorm that end half a layer, of the teacher and of the student."""

    teacher_matrix: Any
    teacher_norm: Any
    matrix: Any
    norm: Any


def _fit_end(end: _End, inner: Tensor, kept: Tensor, states: Tensor, summed: Tensor, basis: Tensor) -> Tensor:
    """Fill a half's last matrix and LayerNorm; the states LayerNorm(states + matrix · inner) (n, D) after it.

    The sum (n, D) that the matrix is to complete is the teacher's normalised sum, projected, at the teacher's scale:
    (basisᵀ(γ·v/σ)) / gain · σ, with v the teacher's sum (n, H) minus its mean and σ its deviation.
    """
    norm = end.teacher_norm
    after = norm(summed) @ basis
    projected = (after - norm.bias @ basis) / _gain(norm, basis) * summed.std(1, correction=0, keepdim=True)
    _fit(end.matrix, inner, projected - states, basis.T @ end.teacher_matrix.weight[:, kept])
    return _normalise(end.norm, states + end.matrix(inner), after)


# -- closed forms ------------------------------------------------------------------------------------


def _fit(linear: nn.Linear, inputs: Tensor, outputs: Tensor, prior: Tensor) -> None:
    """Ridge regression around `prior` W₀: the W, b that minimise mean |x Wᵀ + b − y|² + λ |W − W₀|².

    inputs x: (n, in). outputs y: (n, out). Hoerl and Kennard, 1970, https://doi.org/10.1080/00401706.1970.10488634
    """
    x, y = inputs - inputs.mean(0), outputs - outputs.mean(0)
    gram = (x.T @ x).double()
    penalty = RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    moved = torch.linalg.solve(gram + penalty, (x.T @ (y - x @ prior.T)).double()).T  # (out, in)
    linear.weight.copy_(prior + moved)
    linear.bias.copy_(outputs.mean(0) - linear.weight @ inputs.mean(0))


def _normalise(norm: nn.LayerNorm, summed: Tensor, wanted: Tensor) -> Tensor:
    """Give `norm` the gains and biases that bring it nearest to `wanted` (n, D); returns its output for `summed`."""
    plain = layer_norm(summed, norm.normalized_shape, eps=norm.eps)
    x, y = plain - plain.mean(0), wanted - wanted.mean(0)
    norm.weight.copy_((x * y).sum(0) / x.square().sum(0).clamp_min(1e-12))
    norm.bias.copy_(wanted.mean(0) - norm.weight * plain.mean(0))
    return norm(summed)


def _principal(states: list[Tensor], size: int) -> Tensor:
    """The top eigenvectors (H, size) of the states' pooled second moments; the identity if all are kept."""
    pooled = torch.cat(states)
    if size == pooled.shape[1]:
        return torch.eye(size)
    _, vectors = torch.linalg.eigh((pooled.T @ pooled).double())  # in ascending order
    return vectors[:, -size:].flip(1).float()


def _gain(norm: nn.LayerNorm, basis: Tensor) -> Tensor:
    """The teacher's gains along the basis, diag(basisᵀ Γ basis) (D,); values near 0 become 0.001."""
    gain = norm.weight @ basis.square()
    return torch.where(gain.abs() < 1e-3, 1e-3, gain)


# -- what to keep ------------------------------------------------------------------------------------


def _contribution(inner: Tensor, last: Any) -> Tensor:
    """Mean square contribution of each input (in,) of the matrix to its output: mean x² · |column|². inner: (n, in)."""
    return inner.square().mean(0) * last.weight.square().sum(0)


def _largest(importance: Tensor, count: int) -> Tensor:
    """Indices (count,) of the largest, in ascending order."""
    return importance.argsort(descending=True, stable=True)[:count].sort().values


def _head_rows(importance: Tensor, of_heads: Tensor, heads: int, size: int, *, spread: bool) -> Tensor:
    """Rows (heads · size,) of the teacher's matrices for a student's heads; importance: (teacher's heads, their size).

    A smaller head keeps its most important dimensions, and a larger one joins several heads. If there are too few,
    heads are used again: with `spread`, from the dimensions that their first use did not take.
    """
    width = importance.shape[1]
    joined = -(-size // width)  # how many of the teacher's heads one of the student's joins: rounded up
    kept = _largest(of_heads, heads * joined)
    rows = []
    for first in range(0, heads * joined, joined):
        group = kept[torch.arange(first, first + joined) % len(kept)]
        of_group = (group[:, None] * width + torch.arange(width)).flatten()
        ranked = of_group[importance.flatten()[of_group].argsort(descending=True, stable=True)]
        start = first // len(kept) * size if spread else 0  # after the dimensions of earlier uses
        rows.append(ranked.roll(-start)[:size].sort().values)
    return torch.cat(rows)
