"""Searches of a test, and their events without what differs each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labcore.runs.store import Store
from labcore.search.search_driver import Driver
from labcore.search.search_events import Begun, DesignMeasured, SearchEvent
from labcore.search.search_files import SearchFiles
from labcore.search.search_settings import SearchSettings


def driver_in(home: Path, search: SearchSettings) -> Driver:
    store = Store(home)
    files = SearchFiles(store.home)
    return Driver(files.create(search), store, files)


def without_runs(driver: Driver) -> list[SearchEvent]:
    """The events of a search without its runs, whose ids differ each time."""
    kept = [event for event in driver.files.events(driver.entry.id) if not isinstance(event, Begun)]
    return [replace(event, run=None) if isinstance(event, DesignMeasured) else event for event in kept]
