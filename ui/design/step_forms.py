"""The sliders of each kind of step. A step's limits come from what the steps before it left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from labcore.config.spec import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Spec,
    Step,
    TrimVocabulary,
)
from labcore.models.architecture import Structure
from ui.design.manual_form import manual_form
from ui.design.rank_forms import embeddings_form, factorise_form
from ui.design.step_kinds import fewest_heads
from ui.shell.bound import bound

Put = Callable[[Step], Spec]


def step_form(step: Step, put: Put, before: Structure, index: int, *, weights: bool) -> None:
    """The sliders of one step. `weights`: whether the teacher has any, so that values may decide."""
    match step:
        case KeepLayers():
            _keep_layers(step, put, before, index)
        case PruneHeads():
            _prune_heads(step, put, before, index)
        case PruneNeurons():
            _prune_neurons(step, put, before, index)
        case Factorise():
            factorise_form(step, put, before, index, weights=weights)
        case Prune():
            _prune(step, put, index)
        case Manual():
            manual_form(step, put, before.architecture, index)
        case TrimVocabulary():
            _trim_vocabulary(step, put, before, index)
        case FactoriseEmbeddings():
            embeddings_form(step, put, before, index)


def _keep_layers(step: KeepLayers, put: Put, before: Structure, index: int) -> None:
    from labcore.compress.layer_pruning import picked_layers

    available = before.architecture.layers
    count = min(step.count or len(step.layers or ()), available)
    kept = step.layers or picked_layers(available, count, step.pick)
    by_pick = kept == picked_layers(available, count, step.pick)
    bound(
        st.slider,
        f"keep-count-{index}",
        count,
        lambda n: put(KeepLayers(count=n, pick=step.pick)),
        control=f"steps.{step.kind}",
        label=f"Encoder layers to keep, of {available}",
        min_value=1,
        max_value=max(available, 2),
        disabled=available == 1,
        help="An encoder layer is one round of attention and feed-forward. The student keeps the teacher's own weights.",
    )
    bound(
        st.segmented_control,
        f"keep-pick-{index}",
        step.pick if by_pick else None,
        lambda pick: put(KeepLayers(count=count, pick=pick)),
        control=f"steps.{step.kind}",
        label="Which ones",
        options=["even", "first", "last"],
        help="Even spreads them over the depth, the last one among them.",
    )
    bound(
        st.pills,
        f"keep-layers-{index}",
        list(kept),
        lambda chosen: put(KeepLayers(layers=tuple(sorted(chosen)))),
        control=f"steps.{step.kind}",
        label="Or pick them by hand",
        options=list(range(available)),
        format_func=lambda layer: str(layer + 1),
        selection_mode="multi",
    )


def _importance(step: PruneHeads | PruneNeurons, put: Put, index: int) -> None:
    bound(
        st.segmented_control,
        f"by-{index}",
        step.by,
        lambda by: put(replace(step, by=by)),
        control=f"steps.{step.kind}",
        label="Which ones matter most",
        options=["magnitude", "taylor"],
        format_func={"magnitude": "by their weights", "taylor": "by what the loss would feel"}.__getitem__,
        required=True,
        help="By weights: the Euclidean norm of all that would go with one. By the loss: first-order Taylor scores on 256 "
        "training sentences, the mean of |∂ loss / ∂ gate|. Each layer keeps its own best.",
    )


def _prune_heads(step: PruneHeads, put: Put, before: Structure, index: int) -> None:
    available = fewest_heads(before)
    bound(
        st.slider,
        f"heads-kept-{index}",
        min(step.heads, available),
        lambda n: put(replace(step, heads=n)),
        control=f"steps.{step.kind}",
        label=f"Attention heads to keep in each layer, of {available}",
        min_value=1,
        max_value=max(available, 2),
        disabled=available == 1,
        help="A head goes with its rows of query, key and value, and its columns of the attention's output.",
    )
    _importance(step, put, index)


def _prune_neurons(step: PruneNeurons, put: Put, before: Structure, index: int) -> None:
    available = before.architecture.intermediate
    grain = max(1, available // 48)
    bound(
        st.select_slider,
        f"neurons-kept-{index}",
        min(step.intermediate, available),
        lambda n: put(replace(step, intermediate=n)),
        control=f"steps.{step.kind}",
        label=f"Feed-forward neurons to keep in each layer, of {available}",
        options=sorted({1, *range(grain, available + 1, grain), available, min(step.intermediate, available)}),
        help="A neuron goes with its row of the first feed-forward matrix and its column of the second.",
    )
    _importance(step, put, index)


def _prune(step: Prune, put: Put, index: int) -> None:
    bound(
        st.segmented_control,
        f"pattern-{index}",
        step.pattern,
        lambda pattern: put(
            replace(step, pattern=pattern, sparsity=0.5, scope="matrix") if pattern == "2:4" else Prune(0.5)
        ),
        control=f"steps.{step.kind}",
        label="Pattern",
        options=["free", "2:4"],
        format_func={"free": "anywhere", "2:4": "two of every four (2:4)"}.__getitem__,
        required=True,
        help="2:4: of every four neighbours in a row the two smallest go. Some graphics cards can skip such zeros; a "
        "processor can't.",
    )
    if step.pattern == "free":
        bound(
            st.slider,
            f"sparsity-{index}",
            min(99, round(100 * step.sparsity)),
            lambda share: put(replace(step, sparsity=share / 100)),
            control=f"steps.{step.kind}",
            label="Sparsity: % of the weights set to zero",
            min_value=0,
            max_value=99,
            help="The smallest magnitudes go, and stay zero while the student learns. The base is the encoder's matrices.",
        )
        bound(
            st.segmented_control,
            f"scope-{index}",
            step.scope,
            lambda scope: put(replace(step, scope=scope)),
            control=f"steps.{step.kind}",
            label="Where the smallest are sought",
            options=["matrix", "global"],
            format_func={"matrix": "in each matrix", "global": "over all matrices"}.__getitem__,
            required=True,
            help="Over all matrices, those with small weights pay more. Look at *Inside* to see which.",
        )
    bound(
        st.toggle,
        f"embeddings-{index}",
        step.embeddings,
        lambda on: put(replace(step, embeddings=on)),
        control=f"steps.{step.kind}",
        label="Prune the word embeddings too",
    )


def _trim_vocabulary(step: TrimVocabulary, put: Put, before: Structure, index: int) -> None:
    available = before.architecture.vocabulary
    bound(
        st.segmented_control,
        f"vocabulary-by-{index}",
        "task" if step.task else "size",
        lambda by: put(TrimVocabulary(task=True) if by == "task" else TrimVocabulary(size=min(8000, available))),
        control=f"steps.{step.kind}",
        label=f"Word pieces to keep, of {available:,}",
        options=["task", "size"],
        format_func={"task": "all that training uses", "size": "a number of them"}.__getitem__,
        required=True,
        help="Counted on the training sentences. The special pieces and single characters always stay first, so that a "
        "word whose piece is gone is spelled with shorter ones.",
    )
    if step.size is not None:
        grain = 250
        bound(
            st.select_slider,
            f"vocabulary-{index}",
            min(step.size, available),
            lambda n: put(TrimVocabulary(size=n)),
            control=f"steps.{step.kind}",
            label="The most frequent ones",
            options=sorted({*range(grain, available + 1, grain), available, min(step.size, available)}),
        )
