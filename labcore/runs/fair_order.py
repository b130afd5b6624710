"""The order of a queue that is fair to its owners: round robin, one turn each. Pure data, standard library only.

The owner who has waited longest is next: since its last turn ended, or since it came if that was later. So an owner
with twenty turns delays another's first by one at most, and owners who come later can't keep anybody waiting for ever.
Within an owner, turns begin in the order in which they came.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

Owner = str | None


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What an owner asked for at once: a run after the assistants that it waits for, or a teacher.

    number: rises with each turn that comes. jobs: ids in their order; a job may be in turns of several owners.
    since: when its owner began to wait for it, on the clock that numbers turns. front: not 0 if somebody moved it up,
    and the higher, the later.
    """

    number: int
    owner: Owner
    jobs: tuple[str, ...]
    since: int
    front: int = 0


def in_fair_order(waiting: Iterable[Turn], begun: Sequence[Turn] = ()) -> list[Turn]:
    """The waiting turns in the order in which they begin if no other comes. begun: those that have begun, in order.

    Turns that were moved up come first, the latest of them before the others; their owners then wait as after any turn.
    A turn whose jobs all stand in turns before it is left out: it ends with them.
    """
    known = {job for turn in begun for job in turn.jobs}
    moved = sorted((turn for turn in waiting if turn.front), key=lambda turn: -turn.front)
    order = [turn for turn in moved if _adds(turn, known)]
    rank = {turn.owner: place for place, turn in enumerate((*begun, *order), 1)}
    queues: dict[Owner, deque[Turn]] = {}
    for turn in sorted((turn for turn in waiting if not turn.front), key=lambda turn: turn.number):
        queues.setdefault(turn.owner, deque()).append(turn)
    first = {owner: turns[0] for owner, turns in queues.items()}
    owners = deque(sorted(queues, key=lambda owner: (rank.get(owner, 0), first[owner].since, first[owner].number)))
    while owners:
        turns = queues[owners[0]]
        turn = turns.popleft()
        if _adds(turn, known):
            order.append(turn)
            owners.rotate(-1)
            if not turns:
                owners.pop()
        elif not turns:
            owners.popleft()
    return order


def _adds(turn: Turn, known: set[str]) -> bool:
    """Whether a turn has a job that no turn before it has; its jobs are known from now on."""
    new = not known.issuperset(turn.jobs)
    known.update(turn.jobs)
    return new


def jobs_in_fair_order(waiting: Iterable[Turn], begun: Sequence[Turn] = ()) -> list[str]:
    """The jobs of the turns that have begun, then those that wait, in order, each once."""
    turns = [*begun, *in_fair_order(waiting, begun)]
    return list(dict.fromkeys(job for turn in turns for job in turn.jobs))


def after_service(waiting: Sequence[Turn], owner: Owner, now: int) -> list[Turn]:
    """The waiting turns once a turn of `owner` has begun or ended at `now`: it waits from then on."""
    return [replace(turn, since=now) if turn.owner == owner else turn for turn in waiting]


def without_job(waiting: Sequence[Turn], job: str, owners: Iterable[Owner] | None = None) -> list[Turn]:
    """The waiting turns without a job, in all turns or in those of some owners.

    If a turn has no job left, its owner's next turn takes its place in the line.
    """
    chosen = None if owners is None else set(owners)
    left: list[Turn] = []
    inherited: dict[Owner, int] = {}
    for turn in sorted(waiting, key=lambda turn: turn.number):
        if job in turn.jobs and (chosen is None or turn.owner in chosen):
            jobs = tuple(each for each in turn.jobs if each != job)
            if not jobs:
                if not turn.front:
                    inherited[turn.owner] = min(turn.since, inherited.get(turn.owner, turn.since))
                continue
            turn = replace(turn, jobs=jobs)
        if turn.owner in inherited and not turn.front:
            turn = replace(turn, since=min(turn.since, inherited.pop(turn.owner)))
        left.append(turn)
    return left
