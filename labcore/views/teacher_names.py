"""Teachers by a name that tells them apart in a list: a built-in one's own, of a brought one the end of its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from labcore.evaluate.provenance import teacher_of
from labcore.results.run import Run
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.identity import known_identity
from labcore.views.markdown import escaped


def short_names(teachers: Iterable[str]) -> dict[str, str]:
    """For each teacher's name a short one, all different and none a built-in teacher's but its own.

    Of a path, or a hub's id, it is the last part, with as many parents before it as it takes.
    """
    names = list(dict.fromkeys(teachers))
    brought = {name: _parts(name) for name in names if name not in BUILT_IN}
    short: dict[str, str] = {name: name for name in names if name in BUILT_IN}
    for name, parts in brought.items():
        taken = {*BUILT_IN, *(other for other in brought if other != name)}
        ends = (_end(parts, n) for n in range(1, len(parts) + 1))
        short[name] = next((end for end in ends if not any(_ends_with(other, end) for other in taken)), name)
    return short


def short_name(teacher: str) -> str:
    """A teacher's name where no other is named beside it."""
    return short_names([teacher])[teacher]


def in_markdown(teacher: str) -> str:
    """The short name, to be put into Markdown: a path may hold its signs."""
    return escaped(short_name(teacher))


def names_of_teachers(runs: Sequence[Run]) -> dict[tuple[str, str | None], str]:
    """The name of each run's teacher, by `teacher_of`: short, and of files that were replaced since it says so."""
    teachers = dict.fromkeys(map(teacher_of, runs))
    short = short_names(name for name, _ in teachers)
    named: dict[tuple[str, str | None], str] = {}
    for name, identity in teachers:
        now, same = known_identity(name), [its for other, its in teachers if other == name]
        if (identity is not None and identity == now) or (now is None and len(same) == 1):
            named[name, identity] = short[name]
        elif identity is None:  # an earlier version did not keep which files it read
            named[name, identity] = f"{short[name]}, files unknown"
        else:
            several = len([its for its in same if its not in (now, None)]) > 1
            named[name, identity] = f"{short[name]}, earlier files" + (f" {identity[:6]}" if several else "")
    return named


def teachers_told(runs: Sequence[Run]) -> dict[str, str]:
    """By a run's id its teacher's name, for a list of these runs: empty if all have one teacher."""
    named = names_of_teachers(runs)
    return {} if len(named) < 2 else {run.id: named[teacher_of(run)] for run in runs}


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[/\\]+", name) if part] or [name]


def _end(parts: list[str], n: int) -> str:
    return "/".join(parts[-n:])


def _ends_with(name: str, end: str) -> bool:
    return f"/{'/'.join(_parts(name))}".endswith(f"/{end}")
