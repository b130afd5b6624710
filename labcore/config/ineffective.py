"""Settings of a spec that can change nothing in it, each with the reason and what to do. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields

from labcore.config.checks import SpecError
from labcore.config.spec import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Spec,
)
from labcore.config.training import STATE_PARTS, DistilConfig, Final
from labcore.config.validation_schedule import longest_patience


@dataclass(frozen=True)
class NoEffect:
    """A setting without effect.

    field: its path in the spec's JSON, such as `distil.temperature` or `steps[0].pick`. words: one sentence: why, and what to do.
    refused: whether a run is refused, because it would not be what was asked for. default: whether it has its default value, so
    that nobody asked for it.
    """

    field: str
    words: str
    refused: bool = False
    default: bool = False


def without_effect(spec: Spec, examples: int | None = None) -> tuple[NoEffect, ...]:
    """Every setting of `spec` that has no effect, those at their default among them.

    `examples`: how many one epoch reads; None if that is not known. Then a patience is named only if no training could reach it.
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
    """The spec's assistants and itself, each with what stands before its fields' paths, such as `assistant.` of its assistant."""
    last = len(spec.chain) - 1
    return tuple(("assistant." * (last - place), each) for place, each in enumerate(spec.chain))


def starts_random(spec: Spec) -> bool:
    """Whether the steps end in a randomly initialised manual student, so that a random start makes the very same student."""
    before = [step for step in spec.steps if not isinstance(step, Prune)]
    return bool(before) and isinstance(before[-1], Manual) and before[-1].init == "random"


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
    if "soft" not in config.parts:
        words = "only the soft loss has a temperature, and its weight is 0; raise the soft weight, or leave the temperature alone"
        yield _idle(config, "temperature", words)
        if config.schedule != "constant" and config.final.temperature is not None:
            yield NoEffect("distil.final.temperature", words)
    if not any(part in STATE_PARTS for part in config.parts):
        words = "it is for the hidden and the cosine loss, and both weights are 0; raise one of them, or leave this setting alone"
        yield _idle(config, "layer_map", words)
        yield _idle(config, "hidden_at", words)


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
    counts = (*config.parts, *(("temperature",) if "soft" in config.parts else ()))
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
    if config.transfer and config.parts == ("hard",):
        yield _idle(
            config,
            "transfer",
            "transfer sentences have no label, and only the hard loss counts; raise another weight, or take 0 transfer sentences",
            refused=True,
        )
    if spec.assistant is not None and config.parts == ("hard",):
        yield NoEffect(
            "assistant",
            "only the hard loss counts, so nothing is learned from the assistant; raise another weight, or take no assistant",
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
            "'prune' is not the last step, so nothing can be pruned gradually; put it last, or switch gradual pruning off",
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
        at = f"steps[{index}]"
        later = [each for each in spec.steps[index + 1 :] if isinstance(each, Manual) and each.init == "random"]
        if any(_replaced_by(step, manual) for manual in later):
            yield NoEffect(
                at,
                "a manual student with random weights comes later and keeps nothing of this step; take one of the two out",
            )
            continue
        if isinstance(step, Prune) and step.sparsity == 0 and not spec.distil.gradual:  # which waits for any prune
            yield NoEffect(at, "sparsity 0 sets no weight to zero; raise it, or take this step out")
        if isinstance(step, KeepLayers) and step.layers is not None:
            yield NoEffect(
                f"{at}.pick",
                "the layers are listed, so none is picked; give 'count' instead of 'layers', or leave 'pick' out",
                default=_is_default(step, "pick"),
            )
        if spec.distil.start == "random" and not _weights_choose(spec):
            yield from _only_weights(at, step)


def _replaced_by(step: object, manual: Manual) -> bool:
    """Whether nothing of a step is left after a manual student with random weights, which halves only the sizes it does not give."""
    match step:
        case Factorise() | FactoriseEmbeddings() | PruneHeads():
            return True
        case PruneNeurons():
            return manual.intermediate is not None
        case KeepLayers():
            return manual.layers is not None
        case Manual():
            return None not in (manual.hidden, manual.layers, manual.heads, manual.intermediate)
        case _:
            return False


def _weights_choose(spec: Spec) -> bool:
    """Whether a step's shapes or zeros follow from the weights, so that they outlast a random start."""
    return any(
        isinstance(step, Prune) or (isinstance(step, Factorise) and step.energy is not None) for step in spec.steps
    )


def _only_weights(at: str, step: object) -> Iterator[NoEffect]:
    """What of a step decides nothing but which of the teacher's weights are kept, if all are drawn at random afterwards."""
    words = (
        "all weights are drawn at random afterwards, so only the shapes count; take start 'derived', or leave it alone"
    )
    match step:
        case KeepLayers(layers=None):
            names = ["pick"]
        case PruneHeads() | PruneNeurons():
            names = ["by"]
        case Factorise():
            names = ["method"]
        case Manual():
            names = ["init"]
        case _:
            names = []
    for name in names:
        yield NoEffect(f"{at}.{name}", words, default=_is_default(step, name))
