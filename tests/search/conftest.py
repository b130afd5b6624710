"""A search over the tiny teacher: real designs, real trainings, a budget of a few hundred steps."""

from __future__ import annotations

import pytest

from labcore.config.spec import DistilConfig, Spec
from labcore.search.search_settings import Goal, SearchSettings


@pytest.fixture
def tiny_search(spec: Spec) -> SearchSettings:
    """The smallest student within 30 points of the tiny teacher, in 40 steps."""
    config = DistilConfig(batch_size=8, learning_rate=1e-3)
    return SearchSettings(teacher=spec.teacher, task=spec.task, goal=Goal(within=30.0), steps=40, distil=config)
