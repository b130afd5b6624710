"""Specs and numbers in words."""

from __future__ import annotations

from datetime import UTC, datetime

from labcore.config.loss_terms import Need
from labcore.config.spec import DistilConfig, Spec
from labcore.evaluate.training_length import TrainingLength
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import in_markdown

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def millions(parameters: int) -> str:
    """A number of parameters, such as `22.7 M` or `770` below ten thousand."""
    if parameters < 1e4:
        return f"{parameters:,}"
    return f"{parameters / 1e6:.{1 if parameters >= 1e7 else 2}f} M"


def percent(fraction: float, digits: int = 0) -> str:
    """A fraction as a percentage, such as `77 %`."""
    return f"{100 * fraction:.{digits}f} %"


def duration(seconds: float) -> str:
    """A time in seconds, or in minutes and seconds: `45 s`, `3 min 05 s`."""
    rounded = round(seconds)
    return f"{rounded} s" if rounded < 60 else f"{rounded // 60} min {rounded % 60:02d} s"


def rough_duration(seconds: float) -> str:
    """A time as coarse as an estimate is: `40 s` in tens of seconds, else whole minutes."""
    if seconds < 55:
        return f"{max(10, 10 * round(seconds / 10))} s"
    return f"{max(1, round(seconds / 60)):,} min"


def moment(time: str) -> str:
    """A time in ISO 8601 as people write it, in UTC: `26 November 2026, 14:05 UTC`; other text stays as it is."""
    try:
        utc = datetime.fromisoformat(time).astimezone(UTC)
    except ValueError:
        return time
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def from_to(config: DistilConfig, name: str) -> str:
    """A loss weight, or the temperature, over the training: `0.2`, or `0.2→1` if it changes."""
    start, end = (f"{config.values_at(progress)[name]:.3g}" for progress in (0.0, 1.0))
    return start if start == end else f"{start}→{end}"


def student_in_words(spec: Spec) -> str:
    """The student that a spec makes, such as `layers 2, 4, 6 → rank 64`."""
    if not spec.steps:
        random = spec.distil.start == "random"
        return "the teacher's shapes" if random else "an unchanged copy of the teacher"
    return " → ".join(step.describe() for step in spec.steps)


def design_in_words(spec: Spec) -> str:
    """The student, and how it differs from one distilled from the teacher: `…, no teacher`, or its assistant."""
    words = student_in_words(spec)
    if spec.distil.start == "random":
        words += ", random start"
    if not spec.distil.from_teacher:
        return words + ", no teacher"
    return words + (f", with assistant {student_in_words(spec.assistant)}" if spec.assistant else "")


def whose_in_words(spec: Spec) -> str:
    """In Markdown, the teacher of a student that is named without it; empty for a built-in teacher."""
    return "" if spec.teacher in BUILT_IN else f" of :blue[**{in_markdown(spec.teacher)}**]"


def teacher_in_words(spec: Spec) -> str:
    """The model that a student is distilled from, in Markdown: the teacher, or an assistant and its own teachers."""
    teacher = f":blue[**{in_markdown(spec.teacher)}**]"
    assistants = [f":orange[**{student_in_words(each)}**]" for each in spec.chain[:-1]]
    if not assistants:
        return teacher
    return f"{assistants[-1]}, itself distilled from {', then '.join([teacher, *assistants[:-1]])}"


LAYER_MAPS = {
    "even": "spread evenly",
    "first": "from the bottom up",
    "last": "from the top down",
    "last_only": "the last only",
    "similar": "the most similar",
}


def training_in_words(config: DistilConfig) -> str:
    """What differs from the default training, and always its length: `hard 0.5 · soft 0.5 · trained 180 s`."""
    return " · ".join((*(training_differences(config) or ("the defaults",)), f"trained {length_in_words(config)}"))


def training_differences(config: DistilConfig) -> tuple[str, ...]:
    """Each difference from the default training but its length, such as `hard 0.5 · soft 0.5` and `dropout 0.1`."""
    default = DistilConfig()
    weights, default_weights = (
        " · ".join(f"{term.name} {from_to(each, term.name)}" for term in each.terms) for each in (config, default)
    )
    temperature = from_to(config if Need.TEMPERATURE in config.needs else default, "temperature")
    compared = Need.STATES in config.needs
    differences = {
        weights: weights != default_weights,
        f"τ {temperature}": temperature != from_to(default, "temperature"),
        f"{config.schedule} schedule": "→" in weights + temperature,
        "states of all tokens": compared and config.hidden_at == "tokens",
        f"layers: {LAYER_MAPS[config.layer_map]}": compared and config.layer_map != default.layer_map,
        f"{config.transfer:,} transfer examples": config.transfer > 0,
        f"patience {config.patience}": config.patience is not None,
        f"dropout {config.dropout:g}": config.dropout > 0,
        f"weight decay {config.weight_decay:g}": config.weight_decay != default.weight_decay,
        "word embeddings fixed": not config.embeddings,
        "gradual pruning": config.gradual,
        f"batches of {config.batch_size}": config.batch_size != default.batch_size,
        f"learning rate {config.learning_rate or 0:g}": config.learning_rate is not None,
        f"seed {config.seed}": config.seed != default.seed,
    }
    return tuple(words for words, differs in differences.items() if differs)


def length_in_words(config: DistilConfig) -> str:
    """The length of a training run in its own unit: `3 epochs`, `400 steps` or `180 s`."""
    if config.seconds is not None:
        return f"{config.seconds:g} s"
    if config.steps is not None:
        return f"{config.steps:,} step{'s' if config.steps != 1 else ''}"
    return f"{config.epochs} epoch{'s' if config.epochs != 1 else ''}"


def training_length_in_words(length: TrainingLength) -> str:
    """The steps of a training, and how often it read its data: `4,000 steps (2.8 epochs)`.

    `at most` stands before them if patience may have ended it earlier, `about` if its length was set in seconds.
    """
    limit = "at most " if length.most else "about " if length.measured else ""
    steps = f"{length.steps:,} step{'s' if length.steps != 1 else ''}"
    epochs = f"{length.epochs:.1f}".removesuffix(".0") if length.epochs >= 0.1 else f"{length.epochs:.2g}"
    return f"{limit}{steps} ({epochs} epoch{'s' if epochs != '1' else ''})"
