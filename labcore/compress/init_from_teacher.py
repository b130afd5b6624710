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

from labcore.compress.closed_forms import fit, gains, normalise, principal
from labcore.compress.kept_parts import contribution, head_groups, head_rows, largest, rotated_rows
from labcore.compress.layer_outputs import LayerOutputs, SampleTokens, layer_outputs
from labcore.data.batches import Encoded
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.encoder import LayerModules
from labcore.models.placement import device_of, placed


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
    source, filled = placed(source), placed(target)
    tokens = SampleTokens.of(sample, device_of(source))
    first, outputs = layer_outputs(source, tokens, layers)
    basis = principal([first, *(output.after for output in outputs)], shape.hidden)  # (H, D)

    states = _fit_embeddings(source, filled, first, basis, tokens)
    joint = _fit_relative_bias(source, filled, outputs)
    for index, output in enumerate(outputs):
        layer = encoder.layer_modules(filled, index)
        states = _fit_attention(output, filled, layer, joint, states, basis, tokens)
        states = _fit_feed_forward(output, layer, states, basis)
    last = encoder.final_norm(source)(outputs[-1].after)
    states = _fit_final_norm(source, filled, outputs[-1].after, states, basis)
    _fit_head(source, filled, tokens.pooled(source, last), tokens.pooled(filled, states), basis)
    if filled is not target:
        target.load_state_dict(filled.state_dict())


# -- embeddings and head -----------------------------------------------------------------------------


def _fit_embeddings(
    source: Classifier, target: Classifier, first: Tensor, basis: Tensor, tokens: SampleTokens
) -> Tensor:
    """Fill the student's embeddings; its states (n, D) after them. first: the teacher's, (n, H).

    If the student has token vectors of the teacher's width and a projection behind them, only that is fitted.
    """
    norm, own_norm = encoder.embedding_norm(source), encoder.embedding_norm(target)
    tables = zip(encoder.embedding_tables(source), encoder.embedding_tables(target), strict=True)
    wider, own_wider = encoder.embedding_projection(source), encoder.embedding_projection(target)
    if own_wider is not None:
        for table, own in tables:
            own.load_state_dict(table.state_dict())
        own_norm.load_state_dict(norm.state_dict())
        vectors = own_norm(encoder.embedding_sum(target, tokens.ids, tokens.positions, tokens.types))
        fit(own_wider, vectors, first @ basis, basis.T @ wider.weight)
        return own_wider(vectors)
    wanted = first @ basis
    if wider is not None:
        basis = wider.weight.T @ basis  # (width of the token vectors, D)
    scaled = norm.weight[:, None] * basis  # (H, D): applies the teacher's gains, then projects
    projection = (scaled - scaled.mean(0)) / gains(norm, basis)  # centres its input first, as LayerNorm does
    for table, own in tables:
        own.weight.copy_(table.weight @ projection)
    summed = encoder.embedding_sum(target, tokens.ids, tokens.positions, tokens.types)
    return normalise(own_norm, summed, wanted)


def _fit_final_norm(source: Classifier, target: Classifier, teacher: Tensor, student: Tensor, basis: Tensor) -> Tensor:
    """Fill the norm after the last layer, if there is one; the student's states (n, D) after it. teacher: (n, H)."""
    norm = encoder.final_norm(target)
    if not isinstance(norm, nn.LayerNorm):
        return student
    return normalise(norm, student, encoder.final_norm(source)(teacher) @ basis)


def _fit_head(source: Classifier, target: Classifier, teacher: Tensor, student: Tensor, basis: Tensor) -> None:
    """Fill the student's head. teacher, student: what the heads read, (examples, H) and (examples, D)."""
    teacher_dense, teacher_classifier = encoder.head(source)
    dense, classifier = encoder.head(target)
    activation, norm = encoder.head_activation(source), encoder.head_norm(target)
    outputs = teacher_dense(teacher)
    read = encoder.head_norm(source)(activation(outputs))
    kept = largest(contribution(read, teacher_classifier), basis.shape[1])
    fit(dense, student, outputs[:, kept], teacher_dense.weight[kept] @ basis)
    own = activation(dense(student))
    if isinstance(norm, nn.LayerNorm):
        own = normalise(norm, own, read[:, kept])
    fit(classifier, own, teacher_classifier(read), teacher_classifier.weight[:, kept])


# -- the layer's two halves --------------------------------------------------------------------------


def _fit_relative_bias(source: Classifier, target: Classifier, outputs: list[LayerOutputs]) -> Tensor | None:
    """Fill the bias that all layers share; the heads' joint importance (heads,), or None if the family has no bias.

    Such a family must keep the same heads in every layer. A head that joins several gets the mean of their biases.
    """
    table, own = encoder.relative_table(source), encoder.relative_table(target)
    if table is None or own is None:
        return None
    of_layers = [
        contribution(each.attended, each.layer.output).unflatten(0, (each.layer.heads, -1)).sum(1) for each in outputs
    ]
    joint = torch.stack([of_heads / of_heads.sum() for of_heads in of_layers]).sum(0)
    size = encoder.heads_in(target, 0)[1]
    groups = head_groups(joint, own.embedding_dim, size, encoder.heads_in(source, 0)[1])
    own.weight.copy_(torch.stack([table.weight[:, group].mean(1) for group in groups], 1))
    return joint


def _fit_attention(
    output: LayerOutputs,
    target: Classifier,
    student: LayerModules,
    joint: Tensor | None,
    states: Tensor,
    basis: Tensor,
    tokens: SampleTokens,
) -> Tensor:
    """Fill the attention of a layer of `target`; its states (n, D) after it. joint: see `_fit_relative_bias`.

    Kept: the heads that add most, of each the dimensions that weigh most in its scores (query · key) and its output.
    Queries are scaled by √(size / teacher's size), which undoes the change of the scores' own scale.
    """
    teacher = output.layer
    read = encoder.before_attention(teacher, output.before)
    queries, keys, values = encoder.queries_keys_values(teacher, read, read)
    heads, size = student.heads, student.head_size
    to_output = contribution(output.attended, teacher.output).unflatten(0, (teacher.heads, -1))
    to_scores = (queries.square().mean(0) * keys.square().mean(0)).view_as(to_output)
    of_heads = to_output.sum(1) if joint is None else joint
    of_scores = head_rows if student.kind is None else rotated_rows
    score_rows = of_scores(to_scores, of_heads, heads, size)
    value_rows = head_rows(to_output, of_heads, heads, size, spread=True)
    scale = math.sqrt(size / teacher.head_size)
    outputs = (queries[:, score_rows] * scale, keys[:, score_rows], values[:, value_rows])
    own, own_basis = _read(teacher, student.attention_norm, read, states, basis)
    query, key, value = _matrices(teacher)
    priors = (query[score_rows] @ own_basis * scale, key[score_rows] @ own_basis, value[value_rows] @ own_basis)
    if student.qkv is None:
        for linear, wanted, prior in zip((student.query, student.key, student.value), outputs, priors, strict=True):
            fit(linear, own, wanted, prior)
    else:
        fit(student.qkv, own, torch.cat(outputs, 1), torch.cat(priors))
    end = _End(teacher.output, teacher.attention_norm, student.output, student.attention_norm)
    summed = output.before + teacher.output(output.attended)
    attended = tokens.attended(target, student, own)
    if student.norm_first:
        return _fit_sum(end, attended, value_rows, states, summed @ basis, basis)
    return _fit_end(end, attended, value_rows, states, summed, basis)


def _fit_feed_forward(output: LayerOutputs, student: LayerModules, states: Tensor, basis: Tensor) -> Tensor:
    """Fill the student's feed-forward network, with the neurons that add most; its states (n, D) after it."""
    teacher = output.layer
    read = encoder.before_feed_forward(teacher, output.between)
    inner, active = teacher.up(read), encoder.neurons(teacher, read)
    kept = largest(contribution(active, teacher.down), student.down.in_features)
    rows = torch.cat([kept, kept + active.shape[1]]) if student.gated else kept
    own, own_basis = _read(teacher, student.feed_forward_norm, read, states, basis)
    fit(student.up, own, inner[:, rows], teacher.up.weight[rows] @ own_basis)
    end = _End(teacher.down, teacher.feed_forward_norm, student.down, student.feed_forward_norm)
    summed = output.between + teacher.down(active)
    if student.norm_first:
        return _fit_sum(end, encoder.neurons(student, own), kept, states, summed @ basis, basis)
    return _fit_end(end, encoder.neurons(student, own), kept, states, summed, basis)


def _matrices(layer: LayerModules) -> tuple[Tensor, Tensor, Tensor]:
    """The weights of a layer's queries, keys and values, each (heads · size, H)."""
    if layer.qkv is None:
        return layer.query.weight, layer.key.weight, layer.value.weight
    query, key, value = layer.qkv.weight.chunk(3)
    return query, key, value


def _read(teacher: LayerModules, norm: nn.Module, read: Tensor, states: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """What half a layer of the student reads (n, D), and a basis (H, D) that relates it to what the teacher's reads.

    A norm that stands before the half is filled. The first layer has none, so it may read states of another scale than
    the teacher's layer.
    """
    if not teacher.norm_first:
        return states, basis
    wanted = read @ basis
    own = normalise(norm, states, wanted) if isinstance(norm, nn.LayerNorm) else states
    return own, basis * float((own * wanted).sum() / own.square().sum())


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
    projected = (after - norm.bias @ basis) / gains(norm, basis) * summed.std(1, correction=0, keepdim=True)
    fit(end.matrix, inner, projected - states, basis.T @ end.teacher_matrix.weight[:, kept])
    return normalise(end.norm, states + end.matrix(inner), after)


def _fit_sum(end: _End, inner: Tensor, kept: Tensor, states: Tensor, wanted: Tensor, basis: Tensor) -> Tensor:
    """Fill the last matrix of a half without a norm behind it; the states (n, D) after it, near to `wanted` (n, D)."""
    fit(end.matrix, inner, wanted - states, basis.T @ end.teacher_matrix.weight[:, kept])
    return states + end.matrix(inner)
