"""Short, distinct names of teachers: a built-in teacher's own, or the end of a path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from labcore.data.tasks import task_title
from labcore.evaluate.provenance import teacher_of
from labcore.results.run import Run
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.identity import known_identity
from labcore.teacher.own_teachers import OWN, is_own, titles
from labcore.views.markdown import escaped


def short_names(teachers: Iterable[str]) -> dict[str, str]:
    """A short name for each teacher, all different; only a built-in teacher has a built-in teacher's name.

    A teacher of your own has its title. The short name of a path, or of a hub's id, is its last part, with as many
    parents as it needs.
    """
    names = list(dict.fromkeys(teachers))
    paths = {name: _parts(name) for name in names if name not in BUILT_IN and not is_own(name)}
    short: dict[str, str] = {name: name for name in names if name in BUILT_IN} | _own_names(names)
    for name, parts in paths.items():
        taken = {*BUILT_IN, *(other for other in paths if other != name)}
        ends = (_end(parts, n) for n in range(1, len(parts) + 1))
        short[name] = next((end for end in ends if not any(_ends_with(other, end) for other in taken)), name)
    return short


def _own_names(names: Iterable[str]) -> dict[str, str]:
    """The titles of teachers of your own; with the id, if another one has the title or the teacher is gone."""
    own = [name for name in names if is_own(name)]
    known = titles() if own else {}
    often = Counter(known.values())
    return {
        name: title if (title := known.get(name)) and often[title] == 1 and title not in BUILT_IN
        else f"{title or 'teacher'} ({name.removeprefix(OWN)})"
        for name in own
    }  # fmt: skip


def own_in_words(short: str, task: str) -> str:
    """A teacher of your own in a list of teachers: its short name, and the title of its task."""
    return f"{short} · your own, for {task_title(task)}"


def short_name(teacher: str) -> str:
    """A teacher's short name if no other teacher stands beside it."""
    return short_names([teacher])[teacher]


def in_markdown(teacher: str) -> str:
    """The short name, escaped for Markdown: a path can contain its signs."""
    return escaped(short_name(teacher))


def names_of_teachers(runs: Sequence[Run]) -> dict[tuple[str, str | None], str]:
    """The short name of each run's teacher, by `teacher_of`, with a note if its files have changed since the run."""
    teachers = dict.fromkeys(map(teacher_of, runs))
    short = short_names(name for name, _ in teachers)
    named: dict[tuple[str, str | None], str] = {}
    for name, identity in teachers:
        now, same = known_identity(name), [its for other, its in teachers if other == name]
        if (identity is not None and identity == now) or (now is None and len(same) == 1):
            named[name, identity] = short[name]
        elif identity is None:  # an earlier version did not store the files' identity
            named[name, identity] = f"{short[name]}, files unknown"
        else:
            several = len([its for its in same if its not in (now, None)]) > 1
            named[name, identity] = f"{short[name]}, earlier files" + (f" {identity[:6]}" if several else "")
    return named


def teacher_column(runs: Sequence[Run]) -> dict[str, str]:
    """The teacher's name for each run's id, for a list of these runs; empty if all have the same teacher."""
    named = names_of_teachers(runs)
    return {} if len(named) < 2 else {run.id: named[teacher_of(run)] for run in runs}


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[/\\]+", name) if part] or [name]


def _end(parts: list[str], n: int) -> str:
    return "/".join(parts[-n:])


def _ends_with(name: str, end: str) -> bool:
    return f"/{'/'.join(_parts(name))}".endswith(f"/{end}")
