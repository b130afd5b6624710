"""Any step, for random stacks."""

from __future__ import annotations

from hypothesis import strategies as st

from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Quantise,
    Step,
    TrimVocabulary,
)


def any_step() -> st.SearchStrategy[Step]:
    return st.one_of(
        st.builds(KeepLayers, count=st.integers(1, 2), pick=st.sampled_from(["even", "first", "last"])),
        st.builds(Factorise, rank=st.integers(1, 8), method=st.sampled_from(["svd", "activation"])),
        st.builds(Factorise, energy=st.floats(0.1, 1)),
        st.builds(Prune, sparsity=st.floats(0, 0.99), scope=st.sampled_from(["matrix", "global"])),
        st.builds(PruneHeads, heads=st.integers(1, 4), by=st.sampled_from(["magnitude", "taylor"])),
        st.builds(PruneNeurons, intermediate=st.integers(1, 32), by=st.sampled_from(["magnitude", "taylor"])),
        st.builds(FactoriseEmbeddings, rank=st.integers(1, 10)),
        st.builds(TrimVocabulary, size=st.integers(1, 60)),
        st.just(TrimVocabulary(task=True)),
        st.just(Manual()),
        st.builds(
            Manual,
            hidden=st.sampled_from([8, 12, 16]),
            heads=st.sampled_from([1, 2, 4]),
            layers=st.integers(1, 3),
            init=st.just("teacher"),
        ),
    )


def rounding() -> st.SearchStrategy[Step]:
    return st.builds(
        Quantise,
        bits=st.sampled_from([8, 4, 3, 2]),
        group=st.sampled_from([32, 64, 128, "row"]),
        embeddings=st.sampled_from(["same", 8, 4, "none"]),
    )
