"""Equal specs have equal keys, other specs other keys, and a run is found by its spec among many."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Prune
from labcore.runs.spec_key import spec_key
from labcore.runs.store import Store
from tests.shared.runs import FINISHED, PAIR, seeded

SPECS = [
    *{preset.spec: None for preset in PRESETS},
    Spec(),
    Spec(teacher="news", task="news"),
    *(Spec(steps=(step,)) for step in (KeepLayers(count=3), KeepLayers(count=4), Factorise(32), Factorise(64))),
    Spec(steps=(Prune(0.5), Prune(0.6))),
    Spec(steps=(Prune(0.6), Prune(0.5))),
    seeded(1),
    Spec(assistant=seeded(1)),
    replace(seeded(1), assistant=Spec()),
    Spec(distil=DistilConfig(temperature=3)),
]


def test_equal_specs_have_equal_keys_and_others_have_others() -> None:
    for one, other in itertools.product(SPECS, SPECS):
        assert (spec_key(one) == spec_key(other)) == (one == other)
    for spec in SPECS:
        assert spec_key(Spec.from_json(spec.to_json())) == spec_key(spec)


@pytest.mark.parametrize(("one", "other"), [(2, 2.0), (3, 3.0)])
def test_numbers_that_compare_equal_have_one_key(one: int, other: float) -> None:
    assert spec_key(Spec(distil=DistilConfig(temperature=one))) == spec_key(
        Spec(distil=DistilConfig(temperature=other))
    )


def test_a_finished_run_is_found_by_one_query_that_uses_the_index(store: Store) -> None:
    runs = {}
    for seed in range(20):
        run = store.create(seeded(seed))
        if seed != 3:
            store.finish(run, FINISHED, PAIR)
        runs[seed] = run
    again = store.create(seeded(5))
    store.finish(again, FINISHED, PAIR)
    queries = []

    def note(*given: Any) -> None:
        queries.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert store.find(seeded(3)) is None
        queries.clear()
        computed = store.find(seeded(5))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert computed is not None
    assert computed.id == again  # the newest
    [query] = queries
    with store._table.database.to_read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (spec_key(seeded(5)),)).all()
    assert any("runs_by_spec" in row[-1] for row in plan)
