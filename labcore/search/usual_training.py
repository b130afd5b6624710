"""How a search trains students if nobody says otherwise: as the reference sweeps do, without a length."""

from __future__ import annotations

from typing import Any

from labcore.config.training import DistilConfig
from labcore.data.tasks import transfer_set_of
from labcore.search.search_settings import SearchSettings

TRANSFER = 20_000  # examples without labels, if the task has some: the teacher reads them once, in some minutes
RATE = 3e-4  # small students in a short training gain a point over 1e-4


def usual_training(task: str) -> DistilConfig:
    """The training configuration without its length."""
    has_transfer = transfer_set_of(task) is not None
    return DistilConfig(transfer=TRANSFER if has_transfer else 0, learning_rate=RATE)


def usual_search(**settings: Any) -> SearchSettings:
    """A search with these settings that trains in the usual way. Raises SpecError as `Search` does."""
    return SearchSettings(**{"distil": usual_training(settings.get("task", "reviews"))} | settings)
