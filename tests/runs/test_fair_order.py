"""The fair order: against an order written another way, and as a queue under random acts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from labcore.runs.fair_order import Turn, in_fair_order
from labcore.runs.job_queue import JobQueue
from labcore.runs.queue_table import QueueTable
from tests.shared.runs import seeded

OWNERS = st.sampled_from(["a", "b", "c", "d", None])


def turn(number: int, owner: str | None, since: int) -> Turn:
    return Turn(number=number, owner=owner, jobs=(f"job-{number}",), since=since)


@given(st.lists(OWNERS, max_size=12), st.permutations(range(5)), st.none() | OWNERS)
def test_round_robin_is_the_nth_turn_of_each_owner_before_anybodys_next(
    come: list[str | None], ranks: list[int], runs: str | None
) -> None:
    """The oracle sorts once: by how many turns of the owner come before, then by how long the owner has waited."""
    since = dict(zip(["a", "b", "c", "d", None], ranks, strict=True))
    turns = [turn(number, owner, since[owner]) for number, owner in enumerate(come)]
    running = turn(99, runs, 0)
    nth = {each.number: sum(other.owner == each.owner for other in turns[: each.number]) for each in turns}
    oracle = sorted(turns, key=lambda each: (nth[each.number], each.owner == runs, each.since))
    assert in_fair_order(turns, [running]) == oracle


class Kept:
    """What a queue's table is told to keep, in memory."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    def write(self, turns: Iterable[Turn]) -> None:
        self.turns = [each for each in turns if each.jobs]

    def take_over(self, turns: Iterable[Turn]) -> None:
        self.turns = list(turns)


def queue_of(table: Kept) -> JobQueue:
    return JobQueue(cast(QueueTable, table))


ACT = st.one_of(
    st.tuples(st.just("come"), st.tuples(OWNERS, st.integers(1, 3))),
    st.tuples(st.just("step"), st.none()),
    st.tuples(st.just("share"), st.tuples(OWNERS, st.integers(0, 9))),
    st.tuples(st.just("leave"), st.tuples(OWNERS, st.integers(0, 9))),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("up"), st.integers(0, 9)),
)


@given(st.lists(ACT, max_size=40))
@example(  # both turns of a shared job are moved up: the one that ends with the other has served nobody
    [
        ("come", ("a", 1)),
        ("step", None),
        ("come", ("a", 2)),
        ("share", ("b", 1)),
        ("step", None),
        ("come", ("a", 1)),
        ("up", 0),
        ("up", 1),
        ("come", ("b", 1)),
    ]
)
def test_whatever_happens_each_job_that_somebody_waits_for_runs_once_as_predicted_also_after_a_restart(
    acts: list[tuple[str, Any]],
) -> None:
    table = Kept()
    queue = queue_of(table)
    moved = False
    wanted: dict[str, set[str | None]] = {}  # the model: who waits for which job
    for n, (act, given_to_it) in enumerate(acts):
        order = queue.order()
        if act == "come":
            owner, jobs = given_to_it
            queue.add(owner, [(f"job-{n}-{step}", seeded(n)) for step in range(jobs)])
            wanted |= {f"job-{n}-{step}": {owner} for step in range(jobs)}
        elif act == "step" and not queue.running:
            began = queue.begin()
            assert (began[0] if began else None) == (order[0] if order else None)
        elif act == "step":
            [running] = queue.running
            wanted.pop(running)
            queue.end(running)
        elif order and act in ("share", "leave"):
            owner, place = given_to_it
            job = order[place % len(order)]
            if act == "share":
                queue.add(owner, [(job, seeded(0))])
                wanted[job].add(owner)
            elif owner in wanted[job] and len(wanted[job]) > 1:
                queue.remove(job, owner, only=True)
                wanted[job].remove(owner)
        elif order and order[given_to_it % len(order)] not in queue.running:
            job = order[given_to_it % len(order)]
            if act == "cancel":
                queue.remove(job)
                wanted.pop(job)
            else:
                queue.move_up(job)
                moved = True
        assert {job: set(queue.owners(job)) for job in queue.order()} == wanted
        assert len(queue.order()) == len(wanted)
    for job in queue.running:
        queue.end(job)
    expected = queue.order()
    again = queue_of(Kept())
    again.take_over(table.turns, dict(queue.jobs()))
    assert moved or again.order() == expected  # what was moved up comes before the rest of the turn that had begun
    for each, order in ((queue, expected), (again, again.order())):
        ran = []
        while (began := each.begin()) is not None:
            ran.append(began[0])
            each.end(began[0])
        assert ran == order


@given(st.lists(st.none() | OWNERS, min_size=1, max_size=60))
def test_while_an_owner_waits_no_other_begins_twice(acts: list[str | None]) -> None:
    """So nobody waits for more than one turn of each other owner, however many come later."""
    queue, owner_of = queue_of(Kept()), {}
    passed: dict[str | None, list[str | None]] = {}  # for each owner that waits: whose turns have begun meanwhile
    waiting: dict[str | None, int] = {}
    acts = [*acts, *["step" for _ in range(2 * len(acts))]]
    for n, act in enumerate(acts):
        if act is not None and act != "step":
            owner_of[f"job-{n}"] = act
            queue.add(act, [(f"job-{n}", seeded(n))])
            waiting[act] = waiting.get(act, 0) + 1
            passed.setdefault(act, [])
        elif queue.running:
            owner = owner_of[queue.running[0]]
            queue.end(queue.running[0])
            if waiting[owner]:
                passed[owner] = []  # it has waited since its last turn ended
        elif (began := queue.begin()) is not None:
            owner = owner_of[began[0]]
            waiting[owner] -= 1
            passed.pop(owner)
            for other, turns in passed.items():
                assert owner not in turns, (other, owner)
                turns.append(owner)
            if waiting[owner]:
                passed[owner] = []
    assert not any(waiting.values())  # nobody starves


@given(st.lists(st.none() | st.tuples(OWNERS, st.integers(1, 3)), max_size=40), st.integers(1, 4), st.randoms())
def test_with_several_at_once_who_has_nothing_running_is_next(
    acts: list[tuple[str | None, int] | None], slots: int, chance: Any
) -> None:
    """Jobs of a turn run one after another, no slot stays empty, and nobody is passed twice by the same owner."""
    queue = queue_of(Kept())
    waits: dict[int, tuple[str | None, int]] = {}  # turns that have not begun
    runs: dict[int, tuple[str | None, int]] = {}  # those that have, with the job that is next or runs
    length: dict[int, int] = {}
    passed: dict[str | None, list[str | None]] = {}  # by owner who waits for a first turn: who began meanwhile
    for n, act in enumerate([*acts, *[None] * (3 * len(acts))]):
        if act is not None:
            queue.add(act[0], [(f"{n}-{step}", seeded(n)) for step in range(act[1])])
            waits[n], length[n] = (act[0], 0), act[1]
        elif queue.running:
            job = chance.choice(queue.running)
            queue.end(job)
            turn, step = map(int, job.split("-"))
            owner, _ = runs.pop(turn)
            if step + 1 < length[turn]:
                runs[turn] = owner, step + 1
        while len(queue.running) < slots and (began := queue.begin()) is not None:
            turn, step = map(int, began[0].split("-"))
            owner = {**waits, **runs}[turn][0]
            assert step == {**waits, **runs}[turn][1]
            if turn in waits:
                served = {each for each, _ in runs.values()}
                idle = {each for each, _ in waits.values()} - served
                assert owner in idle or not idle
                runs[turn] = waits.pop(turn)
                for other in idle - {owner}:
                    assert owner not in passed.setdefault(other, [])
                    passed[other].append(owner)
                passed.pop(owner, None)
        assert len(queue.running) == min(slots, len(runs))
    assert not waits
    assert not runs


def test_twenty_turns_of_one_owner_delay_anothers_first_by_none_but_the_one_that_runs() -> None:
    queue = queue_of(Kept())
    for n in range(20):
        queue.add("busy", [(f"busy-{n}", seeded(n))])
    queue.begin()
    queue.add("new", [("new-0", seeded(50)), ("new-1", seeded(51))])
    queue.add("late", [("late", seeded(52))])
    assert queue.order()[:5] == ["busy-0", "new-0", "new-1", "late", "busy-1"]
    queue.end("busy-0")
    queue.begin()
    assert queue.running == ("new-0",)
    queue.move_up("busy-7")
    assert queue.order()[:4] == ["new-0", "new-1", "busy-7", "late"]
    queue.remove("new-1")  # the assistant runs; its student is cancelled
    queue.end("new-0")
    assert queue.order()[:3] == ["busy-7", "late", "busy-1"]
