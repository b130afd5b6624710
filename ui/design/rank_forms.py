"""The sliders of low rank, of the encoder's matrices and of the embeddings, with the rank at which factors stop to pay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from labcore.config.spec import Factorise, FactoriseEmbeddings, Spec, Step
from labcore.models.architecture import Structure
from ui.design.step_kinds import fewest_heads
from ui.shell.bound import bound


def factorise_form(
    step: Factorise, put: Callable[[Step], Spec], before: Structure, index: int, *, weights: bool
) -> None:
    """Rank or energy, and what the factors are to be closest to. `weights`: whether the teacher has any, for an energy."""
    from labcore.compress.factorisation import break_even_rank

    sizes = before.architecture
    attended = fewest_heads(before) * sizes.hidden // sizes.heads
    limit = min(attended, sizes.hidden, sizes.intermediate)
    square, wide = break_even_rank(attended, sizes.hidden), break_even_rank(sizes.intermediate, sizes.hidden)
    if weights or step.energy is not None:
        bound(
            st.segmented_control,
            f"rank-by-{index}",
            "rank" if step.energy is None else "energy",
            lambda by: put(
                Factorise(rank=max(1, limit // 6), method=step.method)
                if by == "rank"
                else Factorise(energy=0.8, method=step.method)
            ),
            control=f"steps.{step.kind}",
            label="Choose each matrix's rank",
            options=["rank", "energy"],
            format_func={"rank": "one for all", "energy": "by the energy kept"}.__getitem__,
            required=True,
            help="Energy is the sum of the squared singular values. By energy, each matrix takes the least rank that keeps "
            "this share; one that would not get smaller stays whole.",
        )
    if step.energy is None:
        rank = min(step.rank or 1, limit)
        bound(
            st.slider,
            f"rank-{index}",
            rank,
            lambda n: put(replace(step, rank=n)),
            control=f"steps.{step.kind}",
            label="Rank of each encoder matrix",
            min_value=1,
            max_value=max(limit, 2),
            help="Each matrix (out × in) becomes (out × rank) times (rank × in): its best approximation of that rank.",
        )
        words = (
            f"Two factors are smaller than the matrix up to rank {square} for the attention's {attended} × {sizes.hidden}, "
            f"and {wide} for the feed-forward's {sizes.intermediate} × {sizes.hidden}."
        )
        _break_even(words, f"At rank {rank} some matrices grow." if rank > min(square, wide) else "")
    else:
        bound(
            st.slider,
            f"energy-{index}",
            min(100, max(1, round(100 * step.energy))),
            lambda share: put(replace(step, energy=share / 100)),
            control=f"steps.{step.kind}",
            label="Energy to keep in each matrix, %",
            min_value=1,
            max_value=100,
        )
    bound(
        st.segmented_control,
        f"method-{index}",
        step.method,
        lambda method: put(replace(step, method=method)),
        control=f"steps.{step.kind}",
        label="Closest to what",
        options=["svd", "activation"],
        format_func={"svd": "the matrix (SVD)", "activation": "its output"}.__getitem__,
        required=True,
        help="The matrix: truncated singular value decomposition. Its output: the same after weighing each direction by how "
        "much the layer's inputs use it on 256 training sentences (as DRONE and SVD-LLM do). Same size, less lost.",
    )


def embeddings_form(step: FactoriseEmbeddings, put: Callable[[Step], Spec], before: Structure, index: int) -> None:
    """The rank of the embedding table."""
    from labcore.compress.factorisation import break_even_rank

    sizes = before.architecture
    limit = min(sizes.hidden, sizes.vocabulary)
    even = break_even_rank(sizes.vocabulary, sizes.hidden)
    rank = min(step.rank, limit)
    bound(
        st.slider,
        f"embedding-rank-{index}",
        rank,
        lambda n: put(FactoriseEmbeddings(n)),
        control=f"steps.{step.kind}",
        label=f"Rank of the word embeddings, {sizes.vocabulary:,} × {sizes.hidden}",
        min_value=1,
        max_value=max(limit, 2),
        help="Each piece is looked up as a short vector, and a small matrix makes it as wide as the hidden size (ALBERT).",
    )
    words = f"Two factors are smaller than the table up to rank {even}."
    _break_even(words, f"At rank {rank} the embeddings grow." if rank > even else "")


def _break_even(words: str, grows: str) -> None:
    """Up to which rank factors are smaller; a warning where the rank is above it."""
    if grows:
        st.warning(f"{grows} {words}")
    else:
        st.caption(words)
