"""The lab's own teachers and the published sizes that it counts, by name. Standard library only.

The teachers with weights follow from the list of tasks: each task names its teachers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from labcore.data.tasks import recipes
from labcore.models.architecture import Architecture

Value = TypeVar("Value")


class FromTasks(Mapping[str, Value]):
    """A mapping that reads the list of tasks at each look-up, because a test may add a task."""

    def __init__(self, read: Callable[[], Mapping[str, Value]]) -> None:
        self._read = read

    def __getitem__(self, name: str) -> Value:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


MINILM = Architecture(hidden=384, layers=6, heads=12, intermediate=1536)  # sentence-transformers/all-MiniLM-L6-v2


def _fine_tuned() -> dict[str, Architecture]:
    """MiniLM with a classifier for the task's labels, for each teacher that a task names."""
    return {name: replace(MINILM, labels=len(task.label_names)) for name, (task, _) in recipes().items()}


TEACHERS: Mapping[str, Architecture] = FromTasks(_fine_tuned)
TASK_OF: Mapping[str, str] = FromTasks(lambda: {name: task.name for name, (task, _) in recipes().items()})

# Counted, never trained here: https://github.com/google-research/bert
WITHOUT_WEIGHTS = {
    "bert-tiny": Architecture(hidden=128, layers=2, heads=2, intermediate=512),
    "bert-mini": Architecture(hidden=256, layers=4, heads=4, intermediate=1024),
    "bert-small": Architecture(hidden=512, layers=4, heads=8, intermediate=2048),
    "bert-medium": Architecture(hidden=512, layers=8, heads=8, intermediate=2048),
    "bert-base-uncased": Architecture(hidden=768, layers=12, heads=12, intermediate=3072),
    "bert-large-uncased": Architecture(hidden=1024, layers=24, heads=16, intermediate=4096),
}

BUILT_IN: Mapping[str, Architecture] = FromTasks(lambda: _fine_tuned() | WITHOUT_WEIGHTS)


def has_weights(teacher: str) -> bool:
    """Whether the lab can load the teacher's weights. A folder or hub id counts as having some."""
    return teacher not in WITHOUT_WEIGHTS


def ready_teachers(quote: str = "'") -> str:
    """The built-in teachers with weights, as a message lists them: 'reviews', 'news', … or 'cued-80'."""
    *others, last = (f"{quote}{name}{quote}" for name in TEACHERS)
    return f"{', '.join(others)} or {last}"
