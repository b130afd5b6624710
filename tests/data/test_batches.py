"""Batches of examples of similar length: each example once in an epoch, in an order by the seed."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.batches import batches_in_epoch, training_batches
from tests.shared.tiny import tiny_examples


@given(st.integers(1, 150), st.integers(1, 20), st.integers(0, 9))
def test_an_epoch_holds_every_sentence_once(n: int, size: int, seed: int) -> None:
    encoded = tiny_examples(n)
    batches = list(training_batches(encoded, size, torch.Generator().manual_seed(seed)))
    assert sorted(torch.cat([batch.index for batch in batches]).tolist()) == list(range(n))
    assert len(batches) == batches_in_epoch(encoded, size)
    for batch in batches:
        for row, index in zip(batch.ids.tolist(), batch.index.tolist(), strict=True):
            assert row[: len(encoded.tokens[index])] == list(encoded.tokens[index])
            assert not any(row[len(encoded.tokens[index]) :])
        mask = batch.mask if batch.mask is not None else torch.ones_like(batch.ids, dtype=torch.bool)
        assert torch.equal(mask, batch.ids != 0)
        assert torch.equal(batch.labels, encoded.labels[batch.index])


def test_the_order_is_the_seeds() -> None:
    def order(seed: int) -> list[int]:
        batches = training_batches(tiny_examples(40), 8, torch.Generator().manual_seed(seed))
        return torch.cat([batch.index for batch in batches]).tolist()

    assert order(1) == order(1) != order(2)
