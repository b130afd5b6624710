"""Settings of a spec that can change nothing in it, each with the reason and what to do. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields

from labcore.config.checks import SpecError
from labcore.config.loss_terms import LOSS_TERMS, Need, named
from labcore.config.spec import Spec
from labcore.config.steps import Prune, Step
from labcore.config.training import DistilConfig, Final
from labcore.config.validation_schedule import longest_patience


@dataclass(frozen=True)
class NoEffect:
    """A setting without effect.

    field: its path in the spec's JSON, such as `distil.temperature` or `steps[0].pick`.
    words: one sentence: why, and what to do.
    refused: whether a run is refused, because it would not be what the spec asks for.
    default: whether it has its default value, so that nobody asked for it.
    """

    field: str
    words: str
    refused: bool = False
    default: bool = False


def without_effect(spec: Spec, examples: int | None = None) -> tuple[NoEffect, ...]:
    """Every setting of `spec` that has no effect, those at their default among them.

    `examples`: how many one epoch reads; None if unknown. Then a patience is named only if no training could reach it.
    An assistant's own settings are those of its own spec, and not among these.
    """
    return (*_steps(spec), *_loss(spec.distil), *_schedule(spec.distil), *_training(spec, examples), *_start(spec))


def asked_without_effect(spec: Spec, examples: int | None = None) -> tuple[NoEffect, ...]:
    """Those of `without_effect` that somebody asked for: their value is not the default."""
    return tuple(each for each in without_effect(spec, examples) if not each.default)


def check_effective(spec: Spec) -> None:
    """Raise SpecError for a spec, or an assistant's, whose training would not be what it asks for."""
    for where, each in chain_with_paths(spec):
        if refused := next((idle for idle in without_effect(each) if idle.refused), None):
            raise SpecError(f"{where}{refused.field} has no effect: {refused.words}")


def chain_with_paths(spec: Spec) -> tuple[tuple[str, Spec], ...]:
    """The spec's assistants and itself, each with the start of its fields' paths, such as `assistant.`"""
    last = len(spec.chain) - 1
    return tuple(("assistant." * (last - place), each) for place, each in enumerate(spec.chain))


def starts_random(spec: Spec) -> bool:
    """Whether the steps end in a manual student with random weights, so that a random start changes nothing."""
    before = [step for step in spec.steps if not step.sets_zeros]
    return bool(before) and before[-1].random_weights


def prunes_last(spec: Spec) -> bool:
    """Whether pruning is at the steps' end, and nowhere else."""
    prunes = [isinstance(step, Prune) for step in spec.steps]
    return any(prunes) and prunes == sorted(prunes)


def _is_default(owner: object, name: str) -> bool:
    [field] = [field for field in fields(owner) if field.name == name]  # type: ignore[arg-type]
    return field.default is not MISSING and getattr(owner, name) == field.default


def _idle(config: DistilConfig, name: str, words: str, *, refused: bool = False) -> NoEffect:
    return NoEffect(f"distil.{name}", words, refused, _is_default(config, name))


# -- the loss and its schedule -------------------------------------------------------------------------


def _loss(config: DistilConfig) -> Iterator[NoEffect]:
    if Need.TEMPERATURE not in config.needs:
        words = _unused_by(Need.TEMPERATURE)
        yield _idle(config, "temperature", words)
        if config.schedule != "constant" and config.final.temperature is not None:
            yield NoEffect("distil.final.temperature", words)
    if Need.STATES not in config.needs:
        words = _unused_by(Need.STATES)
        yield _idle(config, "layer_map", words)
        yield _idle(config, "hidden_at", words)


def _unused_by(need: Need) -> str:
    """Why a setting of the loss has no effect if no term with this need has a weight."""
    terms = tuple(term for term in LOSS_TERMS if need in term.needs)
    [losses, theirs, them] = (
        ["loss uses", "its weight is", "it"] if len(terms) == 1 else ["losses use", "their weights are", "one"]
    )
    return f"only the {named(terms)} {losses} it, and {theirs} 0; raise {them}, or leave this setting alone"


def _schedule(config: DistilConfig) -> Iterator[NoEffect]:
    ends = {field.name: getattr(config.final, field.name) for field in fields(Final)}
    if config.schedule == "constant":
        for name, end in ends.items():
            if end is not None:
                yield NoEffect(
                    f"distil.final.{name}",
                    "the schedule is constant, so no final value is reached; choose linear or cosine, or leave it out",
                )
        return
    counts = (*(term.name for term in config.terms), *(("temperature",) if Need.TEMPERATURE in config.needs else ()))
    moving = [name for name, end in ends.items() if name in counts and end not in (None, getattr(config, name))]
    if not moving:
        yield _idle(
            config,
            "schedule",
            "no weight in use and no temperature has another final value; give one, or choose constant",
        )
    elif config.steps == 1:
        yield _idle(config, "schedule", "one step has nothing to move between; give more steps, or choose constant")


# -- the training --------------------------------------------------------------------------------------


def _training(spec: Spec, examples: int | None) -> Iterator[NoEffect]:
    config = spec.distil
    if config.steps is not None or config.seconds is not None:
        other = "steps" if config.steps is not None else "seconds"
        yield _idle(config, "epochs", f"the training lasts as long as its {other}; give epochs or {other}, not both")
    if config.transfer and not config.from_teacher:
        yield _idle(
            config,
            "transfer",
            "transfer examples have no label, and only the hard loss has a weight; raise another weight, or give transfer 0",
            refused=True,
        )
    if spec.assistant is not None and not config.from_teacher:
        yield NoEffect(
            "assistant",
            "only the hard loss has a weight, so the assistant changes nothing; raise another weight, or take no assistant",
            refused=True,
        )
    most = longest_patience(config, examples)
    if config.patience is not None and config.patience > most:
        words = (
            f"this training has too few validations to end early; give at most {most}, or a longer training"
            if most
            else "this training has too few validations to end early; leave it out, or give a longer training"
        )
        yield _idle(config, "patience", words)
    if config.gradual and not prunes_last(spec):
        yield _idle(
            config,
            "gradual",
            "'prune' is not the last step, so nothing can be pruned gradually; put it last, or switch gradual off",
            refused=True,
        )


def _start(spec: Spec) -> Iterator[NoEffect]:
    if spec.distil.start == "random" and starts_random(spec):
        yield _idle(
            spec.distil,
            "start",
            "the manual student starts at random already; this is the same run as with start 'derived'",
        )


# -- the steps -----------------------------------------------------------------------------------------


def _steps(spec: Spec) -> Iterator[NoEffect]:
    for index, step in enumerate(spec.steps):
        path = f"steps[{index}]"
        if any(_replaced_by(step, later) for later in spec.steps[index + 1 :]):
            yield NoEffect(
                path,
                "a manual student with random weights comes later and keeps nothing of this step; "
                "take one of the two out",
            )
            continue
        for name, words in step.ineffective(gradual=spec.distil.gradual):
            if name:
                yield NoEffect(f"{path}.{name}", words, default=_is_default(step, name))
            else:
                yield NoEffect(path, words)
        if spec.distil.start == "random" and not any(each.depends_on_weights for each in spec.steps):
            for name in step.choosing_weights():
                yield NoEffect(f"{path}.{name}", _ONLY_SHAPES, default=_is_default(step, name))


_ONLY_SHAPES = (
    "all weights are drawn at random afterwards, so only the shapes count; take start 'derived', or leave it alone"
)


def _replaced_by(step: Step, later: Step) -> bool:
    """Whether a later model with random weights leaves nothing of a step.

    A size that the later step does not give is half of the old one.
    """
    if not later.random_weights or step.replaced_by_sizes is None:
        return False
    return all(getattr(later, size) is not None for size in step.replaced_by_sizes)
