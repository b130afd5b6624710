"""Settings of a spec without effect, each with the reason and what to do. Standard library only."""

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
    words: the reason, and what to do, in one sentence.
    refused: whether the lab refuses the run, because it would not be what the spec asks for.
    default: whether the setting has its default value, so nobody asked for it.
    """

    field: str
    words: str
    refused: bool = False
    default: bool = False

    @property
    def in_steps(self) -> bool:
        """Whether the setting belongs to a step."""
        return self.field.startswith("steps")


def without_effect(spec: Spec, examples: int | None = None) -> tuple[NoEffect, ...]:
    """Every setting of `spec` that has no effect, also those at their default.

    `examples`: how many one epoch reads; None if unknown. Then a patience counts only if no training could reach it.
    An assistant's settings belong to its own spec, so they are not among these.
    """
    return (*_steps(spec), *_loss(spec.distil), *_schedule(spec.distil), *_training(spec, examples), *_start(spec))


def asked_without_effect(spec: Spec, examples: int | None = None) -> tuple[NoEffect, ...]:
    """The settings of `without_effect` whose value is not the default: somebody asked for them."""
    return tuple(each for each in without_effect(spec, examples) if not each.default)


def check_effective(spec: Spec) -> None:
    """Raise SpecError if the training of a spec, or of its assistant, would not be what it asks for."""
    for where, each in chain_with_paths(spec):
        if refused := next((setting for setting in without_effect(each) if setting.refused), None):
            raise SpecError(f"{where}{refused.field} has no effect: {refused.words}")


def chain_with_paths(spec: Spec) -> tuple[tuple[str, Spec], ...]:
    """The spec's assistants and itself, each with the start of its fields' paths, such as `assistant.`"""
    last = len(spec.chain) - 1
    return tuple(("assistant." * (last - index), each) for index, each in enumerate(spec.chain))


def starts_random(spec: Spec) -> bool:
    """Whether the steps end in a manual student with random weights, so that a random start changes nothing."""
    before = [step for step in spec.steps if not step.sets_zeros and not step.rounds]
    return bool(before) and before[-1].random_weights


def prunes_last(spec: Spec) -> bool:
    """Whether all pruning steps are at the end, or only rounding follows them."""
    prunes = [isinstance(step, Prune) for step in spec.steps if not step.rounds]
    return any(prunes) and prunes == sorted(prunes)


def _is_default(owner: object, name: str) -> bool:
    [field] = [field for field in fields(owner) if field.name == name]  # type: ignore[arg-type]
    return field.default is not MISSING and getattr(owner, name) == field.default


def _no_effect(config: DistilConfig, name: str, words: str, *, refused: bool = False) -> NoEffect:
    return NoEffect(f"distil.{name}", words, refused, _is_default(config, name))


# -- the loss and its schedule -------------------------------------------------------------------------


def _loss(config: DistilConfig) -> Iterator[NoEffect]:
    if Need.TEMPERATURE not in config.needs:
        words = _unused_by(Need.TEMPERATURE)
        yield _no_effect(config, "temperature", words)
        if config.schedule != "constant" and config.final.temperature is not None:
            yield NoEffect("distil.final.temperature", words)
    if Need.STATES not in config.needs:
        words = _unused_by(Need.STATES)
        yield _no_effect(config, "layer_map", words)
        yield _no_effect(config, "hidden_at", words)


def _unused_by(need: Need) -> str:
    """Why a setting of the loss has no effect if no term with this need has a weight."""
    terms = tuple(term for term in LOSS_TERMS if need in term.needs)
    [losses, weights, them] = (
        ["loss uses", "its weight is", "it"] if len(terms) == 1 else ["losses use", "their weights are", "one"]
    )
    return f"only the {named(terms)} {losses} it, and {weights} 0; raise {them}, or leave this setting alone"


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
        yield _no_effect(
            config,
            "schedule",
            "no weight in use and no temperature has another final value; give one, or choose constant",
        )
    elif config.steps == 1:
        yield _no_effect(
            config, "schedule", "one step has nothing to move between; give more steps, or choose constant"
        )


# -- the training --------------------------------------------------------------------------------------


def _training(spec: Spec, examples: int | None) -> Iterator[NoEffect]:
    config = spec.distil
    if config.steps is not None or config.seconds is not None:
        other = "steps" if config.steps is not None else "seconds"
        yield _no_effect(
            config, "epochs", f"the training lasts as long as its {other}; give epochs or {other}, not both"
        )
    if config.transfer and not config.from_teacher:
        yield _no_effect(
            config,
            "transfer",
            "transfer examples have no label, and only the hard loss has a weight; "
            "raise another weight, or set transfer to 0",
            refused=True,
        )
    if spec.assistant is not None and not config.from_teacher:
        yield NoEffect(
            "assistant",
            "only the hard loss has a weight, so the assistant changes nothing; "
            "raise another weight, or take no assistant",
            refused=True,
        )
    longest = longest_patience(config, examples)
    if config.patience is not None and config.patience > longest:
        words = (
            f"this training has too few validations to end early; give at most {longest}, or a longer training"
            if longest
            else "this training has too few validations to end early; leave it out, or give a longer training"
        )
        yield _no_effect(config, "patience", words)
    if config.gradual and not prunes_last(spec):
        yield _no_effect(
            config,
            "gradual",
            "'prune' is not the last step, so nothing can be pruned gradually; put it last, or switch gradual off",
            refused=True,
        )


def _start(spec: Spec) -> Iterator[NoEffect]:
    if spec.distil.start == "random" and starts_random(spec):
        yield _no_effect(
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
