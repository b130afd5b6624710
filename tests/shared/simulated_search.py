"""A search whose accuracies follow from a formula instead of a training: the plan and the proposals as they are."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

from labcore.config.spec import Spec
from labcore.search.halving import Finish, MeasureTeacher, MeasureUntrained, Propose, next_action, training_length
from labcore.search.history import Design, History
from labcore.search.proposing import propose
from labcore.search.ranking import Ranking
from labcore.search.search_events import DesignMeasured, Proposed, Rung, SearchEvent, TeacherMeasured, Verdict
from labcore.search.search_settings import SearchSettings
from labcore.search.space import Point, Space
from labcore.teacher.built_in import MINILM

TEACHER = 0.85
SPACE = Space(MINILM)
LOST: dict[Rung, float] = {"untrained": 3.0, "short": 1.6, "full": 1.0}  # times what a full training loses
Accuracy = Callable[[SearchSettings, Design, Rung, int], float]


def parameters(point: Point) -> float:
    """The parameters of a point's student but for biases and norms."""
    at = SPACE.values(point)
    hidden, layers = at["hidden"], at["layers"]
    wide = at["feed_forward"] * 4 * hidden
    table = at["vocabulary"] * hidden
    if at["embedding_rank"] < 1:
        table = at["embedding_rank"] * hidden * (at["vocabulary"] + hidden)
    matrices = layers * (4 * hidden**2 + 2 * hidden * wide)
    if at["rank"] < 1:
        rank = at["rank"] * hidden
        matrices = layers * rank * (4 * 2 * hidden + 2 * (hidden + wide))
    return table + matrices + 512 * hidden + hidden**2


def lost(point: Point) -> float:
    """The accuracy that a full training of the point's student lacks: a little for each dimension that is small."""
    at = SPACE.values(point)
    shares = {
        "vocabulary": at["vocabulary"] / MINILM.vocabulary,
        "hidden": at["hidden"] / MINILM.hidden,
        "layers": at["layers"] / MINILM.layers,
        "feed_forward": at["feed_forward"],
        "rank": at["rank"],
        "embedding_rank": at["embedding_rank"],
    }
    weights = {"vocabulary": 0.0015, "hidden": 0.006, "layers": 0.004, "feed_forward": 0.0015, "rank": 0.003}
    return sum(weights.get(name, 0.002) * (1 / share - 1) for name, share in shares.items())


def accuracy(search: SearchSettings, design: Design, rung: Rung, seed: int) -> float:
    """What a training at a rung yields, with a spread of half a point that follows from its seed."""
    drawn = random.Random(zlib.crc32(f"{search.seed} {dict(design.point)} {rung} {seed}".encode()))
    return max(0.5, TEACHER - LOST[rung] * lost(design.point) + drawn.gauss(0, 0.005))


def step(search: SearchSettings, history: History, measured: Accuracy = accuracy) -> SearchEvent | None:
    """The event of the search's next step; None at its end."""
    match next_action(search, history):
        case MeasureTeacher():
            return TeacherMeasured(parameters({name: len(grid) - 1 for name, grid in SPACE.grids.items()}), TEACHER)
        case Propose(number):
            return _proposed(search, history, number)
        case MeasureUntrained(number):
            value = measured(search, history[number], "untrained", 0)
            return DesignMeasured(number=number, rung="untrained", seed=0, accuracy=value)
        case Finish():
            return None
        case training:
            value = measured(search, history[training.number], training.rung, training.seed)
            cost = training_length(search, training.rung)
            return DesignMeasured(
                number=training.number, rung=training.rung, seed=training.seed, accuracy=value, run="run", cost=cost
            )


def simulated(search: SearchSettings, measured: Accuracy = accuracy) -> tuple[History, list[SearchEvent]]:
    """A search to its end, with all its events."""
    history, events = History(), []
    while (event := step(search, history, measured)) is not None:
        history = history.after(event)
        events.append(event)
    return history, events


def _proposed(search: SearchSettings, history: History, number: int) -> Proposed:
    point = propose(search, SPACE, history)
    steps, size = SPACE.steps(point), parameters(point)
    best = Ranking(search, history).incumbent()
    verdict: Verdict = "kept"
    if not steps or any(each.steps == steps for each in history.designs):
        verdict = "same"
    elif search.goal.limit is not None and size > search.goal.limit:
        verdict = "over"
    elif search.goal.limit is None and best is not None and size >= best.known_size:
        verdict = "larger"
    return Proposed(
        number=number, point=dict(point), steps=Spec(steps=steps).to_dict()["steps"], size=size, verdict=verdict
    )
