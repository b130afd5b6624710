"""What a search has come to, measured: its candidates on the test split, paired with the teacher and one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from labcore.config.spec import Spec
from labcore.evaluate.significance import Right, grouped
from labcore.runs.store import Store
from labcore.search.halving import spec_of
from labcore.search.history import Design, History
from labcore.search.outcome_data import Candidate, SearchOutcome
from labcore.search.ranking import Ranking
from labcore.search.search_settings import SearchSettings
from labcore.search.smallest_probability import Contender, probabilities


def outcome_of(search: SearchSettings, history: History, store: Store) -> SearchOutcome | None:
    """What the search has come to so far; None before its teacher was measured.

    Designs are chosen and ordered on the validation split. The test split decides nothing: it gives the figures that
    are reported, the probabilities among them.
    """
    if history.teacher is None:
        return None
    ranking = Ranking(search, history)
    designs = ranking.finalists()
    right = {design.number: _right(design, store) for design in designs}
    designs = [design for design in designs if right[design.number]]
    teacher = _teacher_right(designs, store)
    if not designs or teacher is None:
        return SearchOutcome(
            smallest=None,
            meets=False,
            candidates=(),
            difference=None,
            teacher_test=None,
            teacher_validation=history.teacher.accuracy,
            teacher_size=history.teacher.size,
        )
    contenders = [Contender(design.known_size, right[design.number]) for design in designs]
    chances = probabilities(contenders, teacher, search.goal.within)
    candidates = tuple(
        Candidate(
            number=design.number,
            size=design.known_size,
            validation=design.at("full") or 0.0,
            test=fmean(float(each.mean()) for each in right[design.number]),
            runs=tuple(each.run for each in design.trained("full") if each.run is not None),
            best=best,
            within=within,
        )
        for design, best, within in zip(designs, chances.best, chances.within, strict=True)
    )
    return SearchOutcome(
        smallest=candidates[0],
        meets=ranking.meets(designs[0]),
        candidates=candidates,
        difference=grouped(right[designs[0].number], right[designs[1].number]) if len(designs) > 1 else None,
        teacher_test=float(teacher.mean()),
        teacher_validation=history.teacher.accuracy,
        teacher_size=history.teacher.size,
    )


def longer(search: SearchSettings, design: Design, times: int = 4) -> Spec:
    """A spec that trains a design for some times as long as the search did: for the page Distil."""
    spec = spec_of(search, design, "full")
    steps, seconds = spec.distil.steps, spec.distil.seconds
    config = replace(spec.distil, steps=steps and steps * times, seconds=seconds and seconds * times)
    return replace(spec, distil=config)


def _right(design: Design, store: Store) -> tuple[Right, ...]:
    """For each seed of a design, the test examples that it predicts correctly; seeds without stored logits are out."""
    logits = [store.logits(each.run) for each in design.trained("full") if each.run is not None]
    return tuple((each.student.argmax(-1) == each.labels).numpy() for each in logits if each is not None)


def _teacher_right(designs: Sequence[Design], store: Store) -> Right | None:
    for run in (each.run for design in designs for each in design.trained("full")):
        if run is not None and (logits := store.logits(run)) is not None:
            right: Right = (logits.teacher.argmax(-1) == logits.labels).numpy()
            return right
    return None
