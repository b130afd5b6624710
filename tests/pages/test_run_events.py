"""A page that is drawn again and again reads only the events that are new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.store import Store
from tests.shared.pages import app, charts
from tests.shared.runs import EVENTS, PAIR, STEP
from ui.shell import server


def test_a_live_page_reads_new_events_only(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Event] = []
    events = Store.events

    def counting(self: Store, run_id: str, since: int = 0) -> Iterator[Event]:
        for event in events(self, run_id, since):
            read.append(event)
            yield event

    monkeypatch.setattr(Store, "events", counting)
    test = app("distil")
    store = server.store()
    run = store.create(Spec())
    store.update(run, "running", counts=PAIR)
    appended: list[Any] = [*EVENTS[:3], STEP]
    for event in appended:
        store.append(run, event)
    test = app("distil", run=run)
    assert read == appended
    for step in range(2, 5):
        read.clear()
        event = replace(STEP, step=step, steps=5, total=step / 10)
        store.append(run, event)
        appended.append(event)
        test.run()
        assert read == appended[-2:]  # the last that was there, and the new one
    assert not test.exception
    [curve] = [trace for trace in charts(test)["losses"]["figure"]["data"] if trace.get("name") == "total"]
    assert len(curve["y"]) == 4
    assert curve["y"][0] == pytest.approx(0.7)  # those after it are smoothed

    store.keep_events(run, 4)  # as a run does that resumes from a checkpoint
    store.append(run, replace(STEP, step=2, steps=5, total=0.9))
    test.run()
    [curve] = [trace for trace in charts(test)["losses"]["figure"]["data"] if trace.get("name") == "total"]
    assert len(curve["y"]) == 2
    store.update(run, "stopped")
