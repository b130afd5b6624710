"""The kinds of a run's findings, and a run to its end."""

from __future__ import annotations

from labcore.config.spec import Spec
from labcore.results.events import Finished
from labcore.results.findings import Finding
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store


def kinds(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.kind for finding in findings}


def ended(spec: Spec, store: Store) -> Finished:
    *_, last = execute_and_store(spec, store.create(spec), store)
    assert isinstance(last, Finished)
    return last
