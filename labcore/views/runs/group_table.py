"""All runs as a table with a row for each seed group, and which of them a search matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from labcore.data.tasks import task_title
from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.run_groups import RunGroup
from labcore.results.run import Status
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.run_names import names_of_designs
from labcore.views.teacher_names import short_names
from labcore.views.words import design_in_words, training_in_words

SHORTEST_ID = 6  # characters of an id that a search takes for one: year and month
STATUS_IN_WORDS: dict[Status, str] = {
    "queued": "waits",
    "running": "trains",
    "finished": "finished",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "failed": "failed",
}


@dataclass(frozen=True)
class Search:
    """What a group must have to be shown; an empty field asks for nothing.

    words: each must stand in its names, designs, trainings, notes or tags, or begin the id of one of its runs.
    tags: one of them must be its tag.
    """

    words: str = ""
    statuses: frozenset[Status] = field(default_factory=frozenset)
    tasks: frozenset[str] = field(default_factory=frozenset)
    tags: frozenset[str] = field(default_factory=frozenset)

    def matches(self, group: RunGroup, name: str) -> bool:
        """Whether the group, of this name, is shown."""
        text = _searched(group, name)
        return (
            all(word in text or _begins_id(word, group) for word in self.words.casefold().split())
            and (not self.statuses or any(run.status in self.statuses for run in group.runs))
            and (not self.tasks or group.spec.task in self.tasks)
            and (not self.tags or any(tag in self.tags for run in group.runs for tag in run.tags))
        )


def _searched(group: RunGroup, name: str) -> str:
    """All text of a group that a search looks through, in lower case."""
    spec = group.spec
    parts = [
        name,
        design_in_words(spec),
        training_in_words(spec.distil),
        spec.teacher,
        spec.task,
        task_title(spec.task),
    ]
    parts += [text for run in group.runs for text in (run.name or "", run.note, *run.tags)]
    return "\n".join(parts).casefold()


def _begins_id(word: str, group: RunGroup) -> bool:
    """Whether a run's id begins with the word. A number that occurs within an id, as a rank may, is no match."""
    return len(word) >= SHORTEST_ID and any(run.id.startswith(word) for run in group.runs)


def group_names(groups: Sequence[RunGroup]) -> dict[str, str]:
    """The name of each group by the id of the run that stands for it; different for different designs.

    If there are several teachers, a name ends with its teacher's.
    """
    names = names_of_designs([run for group in groups for run in group.runs])
    return {group.shown.id: names[group.shown.id] for group in groups}


def names_beside_teachers(groups: Sequence[RunGroup]) -> dict[str, str]:
    """The same without the teacher: different for the designs of one teacher."""
    by_teacher: dict[object, list[RunGroup]] = {}
    for group in groups:
        by_teacher.setdefault(teacher_of(group.shown), []).append(group)
    return {run: name for alike in by_teacher.values() for run, name in group_names(alike).items()}


def tags_of(group: RunGroup) -> tuple[str, ...]:
    """The tags of the group's runs, each once, in alphabetical order."""
    return tuple(sorted({tag for run in group.runs for tag in run.tags}, key=str.casefold))


def group_table(groups: Sequence[RunGroup]) -> pd.DataFrame:
    """The groups, one in each row, fractions as percentages. A figure is missing if no run of the group finished."""
    names = names_beside_teachers(groups)
    teachers = short_names(group.spec.teacher for group in groups)
    return pd.DataFrame([_row(group, names[group.shown.id], teachers[group.spec.teacher]) for group in groups])


def _row(group: RunGroup, name: str, teacher: str) -> dict[str, object]:
    counts, retention = group.shown.counts, group.retention
    return {
        "name": name,
        "status": STATUS_IN_WORDS[group.status],
        "accuracy": 100 * group.accuracy.mean if group.accuracy else None,
        "mean over seeds": accuracy_in_words(group.accuracy),
        "seeds": len(group.seeds),
        "retention": None if retention is None else 100 * retention,
        "size": 100 * counts.ratio if counts else None,
        "parameters": counts.student.total if counts else None,
        "training": training_in_words(group.spec.distil),
        "teacher": teacher,
        "task": task_title(group.spec.task),
        "tags": list(tags_of(group)),
        "note": next((run.note for run in group.runs if run.note), ""),
        "runs": len(group.runs),
        "newest": pd.Timestamp(group.runs[0].created),
    }
