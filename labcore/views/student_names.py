"""Short names of students, made of what is special about them. In one list, two designs never have the same name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import singledispatch
from typing import TypeVar

from labcore.config.ineffective import starts_random
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, Manual, Prune, Step
from labcore.data.tasks import task_title
from labcore.evaluate.seed_groups import with_seed
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import short_name
from labcore.views.words import length_in_words, training_differences

Key = TypeVar("Key", bound=Hashable)
MOST = 44  # characters of a name
MOST_APART = 80  # of a name with what tells it apart from others
TINY, SMALL = 128, 256  # the widths up to which a new model is called so: those of BERT-tiny and BERT-mini


# -- names of specs ----------------------------------------------------------------------------------


def student_name(spec: Spec) -> str:
    """A short name of a spec's student, whatever its seed, such as `3 layers, rank 64` or `copy of the teacher`.

    It has at most MOST characters. What does not fit is left out, what is usual first.
    """
    students, length = _of_student(spec), length_in_words(spec.distil)
    training = {
        "no teacher": not spec.distil.from_teacher,
        "from random": _at_random(spec),
        "with an assistant": spec.assistant is not None,
        length: length != length_in_words(DistilConfig()),
    }
    special = [words for words, differs in training.items() if differs]
    weights = [words for words in special if words in ("no teacher", "from random")]
    by_weight = [students[0], *weights, *students[1:], *(words for words in special if words not in weights)]
    kept: list[str] = []
    for words in by_weight:
        if len(", ".join([*kept, words])) <= MOST:
            kept.append(words)
    if not kept:
        return students[0][: MOST - 1] + "…"
    return ", ".join(words for words in dict.fromkeys([*students, *special]) if words in kept)


def distinct_names(specs: Iterable[Spec]) -> dict[Spec, str]:
    """A name for each spec's design, which is the spec with seed 0. No two designs have the same name.

    Designs whose short names are equal get what tells them apart, up to MOST_APART characters, or else a number.
    """
    designs = list(dict.fromkeys(with_seed(spec, 0) for spec in specs))
    by_name: dict[str, list[Spec]] = {}
    for design in designs:
        by_name.setdefault(student_name(design), []).append(design)
    named = {design: name for name, alike in by_name.items() for design, name in _apart(name, alike).items()}
    return numbered({design: (named[design], design) for design in designs})


def _apart(name: str, alike: Sequence[Spec]) -> dict[Spec, str]:
    """The designs of one short name, each with as many of its differences from the others as it needs."""
    words = {design: _in_full(design) for design in alike}
    shared = set.intersection(*(set(each) for each in words.values()))
    differences = {
        design: [each for each in every if each not in shared and each not in name.split(", ")]
        for design, every in words.items()
    }
    named = dict.fromkeys(alike, name)
    for count in range(1, 1 + max(map(len, differences.values()))):
        if len(set(named.values())) == len(alike):
            break
        longer = {design: ", ".join([name, *differences[design][:count]]) for design in alike}
        named |= {design: words for design, words in longer.items() if len(words) <= MOST_APART}
    return named


def numbered(named: Mapping[Key, tuple[str, Hashable]]) -> dict[Key, str]:
    """Each key's name, with a number if another design that stands before it has the name already.

    named: a name and a design for each key.
    """
    owner: dict[str, Hashable] = {}
    names: dict[Key, str] = {}
    for key, (name, design) in named.items():
        offered, number = name, 1
        while owner.setdefault(offered, design) != design:
            number += 1
            offered = f"{name} ({number})"
        names[key] = offered
    return names


# -- what is special about a student -----------------------------------------------------------------


def _of_student(spec: Spec) -> list[str]:
    """What a name says about a student's shapes; a new model comes before what was done to it."""
    if not spec.steps:
        return ["the teacher's shapes" if _at_random(spec) else "copy of the teacher"]
    steps = sorted(spec.steps, key=lambda step: not step.rebuilds)
    return list(dict.fromkeys(words for step in steps for words in _special(step, spec)))


def _in_full(spec: Spec) -> list[str]:
    """All that words can tell about a design, what a person looks for first at the start."""
    random = ["random start"] if spec.distil.start == "random" else []
    assistant = [f"assistant: {student_name(spec.assistant)}"] if spec.assistant else []
    details = [words for step in spec.steps for words in _details(step)]
    if spec.assistant:
        assistant += [f"assistant {words}" for words in _training(spec.assistant)]
    return [
        *_of_student(spec), *details, *_training(spec), *random, *assistant,
        f"task {task_title(spec.task)}", f"teacher {short_name(spec.teacher)}",
    ]  # fmt: skip


def _training(spec: Spec) -> tuple[str, ...]:
    return *training_differences(spec.distil), length_in_words(spec.distil)


def _at_random(spec: Spec) -> bool:
    return spec.distil.start == "random" or starts_random(spec)


@singledispatch
def _special(step: Step, spec: Spec) -> tuple[str, ...]:
    """What a name says of a step; a kind without an entry here has its description without what is in brackets."""
    return (step.describe().partition(" (")[0],)


@_special.register
def _(step: KeepLayers, spec: Spec) -> tuple[str, ...]:
    return (_layers(len(step.layers) if step.layers is not None else step.count or 0),)


@_special.register
def _(step: Manual, spec: Spec) -> tuple[str, ...]:
    if step == Manual(init=step.init):
        return ("half of every size",)
    teacher = BUILT_IN.get(spec.teacher)
    usual = step.layers is None or (teacher is not None and step.layers == teacher.layers)
    return (_width(step.hidden), *(() if usual else (_layers(step.layers or 0),)))


@singledispatch
def _details(step: Step) -> tuple[str, ...]:
    """What a step's description adds in brackets."""
    return tuple(filter(None, (step.describe().partition(" (")[2].removesuffix(")"),)))


@_details.register
def _(step: KeepLayers) -> tuple[str, ...]:
    return (step.describe() if step.layers is not None else step.describe().partition(", ")[2],)


@_details.register
def _(step: Manual) -> tuple[str, ...]:
    named = {"heads": step.heads, "feed-forward": step.intermediate}
    start = "initialised at random" if step.init == "random" else "initialised from the teacher"
    layers = () if step.layers is None else (_layers(step.layers),)
    return (*layers, *(f"{size} {name}" for name, size in named.items() if size is not None), start)


@_details.register
def _(step: Prune) -> tuple[str, ...]:
    scope = ("all matrices together",) if step.scope == "global" else ()
    return (*scope, *(("embeddings too",) if step.embeddings else ()))


def _layers(number: int) -> str:
    return f"{number} layer{'s' if number != 1 else ''}"


def _width(hidden: int | None) -> str:
    if hidden is None:
        return "half as wide"
    return f"{'tiny: ' if hidden <= TINY else 'small: ' if hidden <= SMALL else ''}{hidden} wide"
