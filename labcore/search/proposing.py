"""Who proposes designs: Optuna's tree-structured Parzen estimator, or chance.

Bergstra et al., 2011, https://papers.nips.cc/paper/4443; with joint densities, Falkner et al., 2018,
https://arxiv.org/abs/1807.01774. Each proposal is a function of the history and of the search's seed. So a search that
resumes proposes what it would have proposed undisturbed.
"""

from __future__ import annotations

import random
import warnings
import zlib
from typing import TYPE_CHECKING

from labcore.search.history import Design, History
from labcore.search.ranking import Ranking
from labcore.search.search_settings import SearchSettings
from labcore.search.space import Point, Space

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

NEAR, TRIES = 3, 20  # designs beside which a point is proposed, and how often a new one is tried
AT_RANDOM = 4  # proposals by chance after the anchors, before the estimator has enough to go by


def propose(search: SearchSettings, space: Space, history: History) -> Point:
    """The next point. The first ones of a search by the estimator are the space's anchors."""
    number = len(history.designs)
    if search.proposals == "tpe" and number < len(space.anchors):
        return space.anchors[number]
    if search.proposals == "tpe" and number % 2 == 1 and (near := _beside_the_best(search, space, history)) is not None:
        return near
    return _sampled(search, space, history, number)


def _beside_the_best(search: SearchSettings, space: Space, history: History) -> Point | None:
    """A new point some places from one of the best designs, for the estimator has few to go by; None if there is none.

    One to three dimensions move by one or two places.
    """
    drawn = random.Random(f"{search.seed}:{len(history.designs)}")
    ranking, known = Ranking(search, history), [dict(design.point) for design in history.designs]
    measured = [design for design in history.designs if design.alive and design.rung is not None]
    best = sorted(measured, key=lambda design: (ranking.value(design), design.number))[:NEAR]
    for _ in range(TRIES) if best else ():
        point = dict(drawn.choice(best).point)
        for name in drawn.sample(list(space.grids), drawn.randint(1, min(3, len(space.grids)))):
            moved = point[name] + drawn.choice((-2, -1, -1, -1, 1))  # smaller more often
            point[name] = min(max(moved, 0), len(space.grids[name]) - 1)
        if point not in known:
            return point
    return None


def _sampled(search: SearchSettings, space: Space, history: History, number: int) -> Point:
    import optuna  # takes a second that no page's import must take
    from optuna.distributions import IntDistribution
    from optuna.trial import create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    grids = {name: IntDistribution(0, len(grid) - 1) for name, grid in space.grids.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(sampler=_sampler(search, space, number))
        ranking = Ranking(search, history)
        study.add_trials(
            [
                create_trial(params=dict(design.point), distributions=dict(grids), value=ranking.value(design))
                for design in history.designs
                if _counts(design)
            ]
        )
        trial = study.ask(dict(grids))
    return {name: int(trial.params[name]) for name in grids}


def _counts(design: Design) -> bool:
    """Whether something is known of a design: it was measured, or it was refused by its size."""
    return (design.alive and design.rung is not None) or design.verdict in ("larger", "over")


def _sampler(search: SearchSettings, space: Space, number: int) -> BaseSampler:
    from optuna.samplers import RandomSampler, TPESampler

    seed = zlib.crc32(f"{search.seed}:{number}".encode())
    if search.proposals == "random":
        return RandomSampler(seed=seed)
    return TPESampler(seed=seed, multivariate=True, n_startup_trials=len(space.anchors) + AT_RANDOM)
