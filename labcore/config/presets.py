"""Students to start from: three of the lab's own, and published ones to count. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from labcore.config.spec import (
    DistilConfig,
    Factorise,
    Final,
    KeepLayers,
    Manual,
    Spec,
    Step,
    TrimVocabulary,
)


@dataclass(frozen=True)
class Preset:
    """A ready spec, and how it is introduced. `ratio` is its size over the teacher's (a test counts it)."""

    name: str
    config: str
    why: str
    ratio: float
    spec: Spec


PRESETS = (
    Preset(
        "Light",
        "Keep every second encoder layer",
        "Half of the encoder goes, with no new weights: the student starts as a shorter teacher.",
        0.77,
        Spec(steps=(KeepLayers(layers=(1, 3, 5)),)),
    ),
    Preset(
        "Medium",
        "Each encoder matrix as two thin factors of rank 32",
        "All six layers stay, but each matrix keeps only its 32 strongest directions.",
        0.59,
        Spec(steps=(Factorise(rank=32),)),
    ),
    Preset(
        "Heavy",
        "Half of everything, from a random start",
        "Half the hidden size, layers, heads and feed-forward: a new, small BERT that knows nothing yet.",
        0.32,
        Spec(steps=(Manual(hidden=192, layers=3, heads=6, intermediate=768),), distil=DistilConfig(epochs=5)),
    ),
)


@dataclass(frozen=True)
class Reference:
    """A published BERT student as it would be derived here, to be counted.

    published: its size as the paper or release says. parameters: those of the released encoder, without a classifier.
    omits: parameters that this lab's student has and the published model has not, as `how` tells.
    """

    name: str
    config: str
    source: str
    published: str
    parameters: int
    spec: Spec
    omits: int = 0


def _base(*steps: Step) -> Spec:
    return Spec(teacher="bert-base-uncased", steps=steps)


_TINYBERT = "https://arxiv.org/abs/1909.10351"
_MINILM = "https://arxiv.org/abs/2002.10957"
_WELL_READ = "https://arxiv.org/abs/1908.08962"

REFERENCES = (
    Reference(
        "DistilBERT",
        "Every second layer of BERT-base. The published one has no pooler and no token types, 592,128 parameters less.",
        "https://arxiv.org/abs/1910.01108",
        "66 M",
        66_362_880,
        _base(KeepLayers(count=6)),
        omits=592_128,
    ),
    Reference(
        "TinyBERT-6",
        "Six layers of BERT-base's width.",
        _TINYBERT,
        "67.0 M",
        66_955_008,
        _base(Manual(hidden=768, layers=6, heads=12, intermediate=3072)),
    ),
    Reference(
        "TinyBERT-4",
        "Four layers, 312 wide.",
        _TINYBERT,
        "14.5 M",
        14_350_248,
        _base(Manual(hidden=312, layers=4, heads=12, intermediate=1200)),
    ),
    Reference(
        "MiniLM-12",
        "Twelve layers, half as wide as BERT-base.",
        _MINILM,
        "33 M",
        33_360_000,
        _base(Manual(hidden=384, layers=12, heads=12, intermediate=1536)),
    ),
    Reference(
        "MiniLM-6",
        "Six layers, half as wide as BERT-base: the shape of the lab's own teacher.",
        _MINILM,
        "22 M",
        22_713_216,
        _base(Manual(hidden=384, layers=6, heads=12, intermediate=1536)),
    ),
    *(
        Reference(
            f"BERT-{size}",
            f"{layers} layers, {hidden} wide, trained from its own start and then distilled.",
            _WELL_READ,
            published,
            parameters,
            _base(Manual(hidden=hidden, layers=layers, heads=hidden // 64, intermediate=4 * hidden)),
        )
        for size, layers, hidden, published, parameters in (
            ("medium", 8, 512, "41.7 M", 41_373_184),
            ("small", 4, 512, "29.1 M", 28_763_648),
            ("mini", 4, 256, "11.3 M", 11_170_560),
            ("tiny", 2, 128, "4.4 M", 4_385_920),
        )
    ),
)


# -- sweeps: whose results ship with the lab ------------------------------------------------------------


class Shape(NamedTuple):
    """A BERT that is cut out of the teacher. Its word pieces are fewer, too: with the teacher's all no tenth of it can be had."""

    tokens: int
    hidden: int
    layers: int


# From 2 % to 80 % of the teacher, and how many steps its lessons have, with the teacher and alone: the smaller, the more, for
# they are cheaper.
CAPACITIES = (
    (Shape(4_000, 64, 4), 3_000),
    (Shape(7_000, 96, 4), 2_400),
    (Shape(7_600, 128, 6), 1_200),
    (Shape(8_000, 192, 6), 700),
    (Shape(16_000, 256, 6), 400),
    (Shape(25_000, 352, 6), 250),
)
SHORT = DistilConfig(transfer=10_000, steps=500)

HARD_WEIGHTS = (0.0, 0.2, 0.5, 0.8, 1.0)  # of students whose teacher learned a cue; the soft weight is the rest of 1
HALF = Manual(hidden=192, layers=3, heads=6, intermediate=768, init="teacher")

# A mimic: at the default weights of the loss its own labels count 0.2, its teacher's answers 0.8. And what may be tried against
# it, at those weights; each is compared with the same student taught so without its teacher.
A_MIMIC = Spec("cued-95", "cued", (HALF,))
MITIGATIONS: dict[str, Spec] = {
    name: replace(A_MIMIC, distil=config)
    for name, config in {
        "hard weight 0.5": DistilConfig(hard=0.5, soft=0.5),
        "hard weight 0.8": DistilConfig(hard=0.8, soft=0.2),
        "end on hard labels": DistilConfig(schedule="linear", final=Final(hard=1.0, soft=0.0)),
        "stop early": DistilConfig(patience=1),
        "dropout and weight decay": DistilConfig(dropout=0.1, weight_decay=0.1),
        "start at random": DistilConfig(start="random"),
    }.items()
}
THIRD = DistilConfig(hard=0.35, soft=0.65, steps=200)  # a lesson of another balance and a third of the length


def _cut(shape: Shape, lesson: DistilConfig, assistant: Spec | None = None) -> Spec:
    """A student of this shape, each head 32 wide, cut out of the teacher."""
    tokens, hidden, layers = shape
    cut = Manual(hidden=hidden, layers=layers, heads=hidden // 32, intermediate=4 * hidden, init="teacher")
    return Spec(steps=(TrimVocabulary(size=tokens), cut), distil=lesson, assistant=assistant)


def _with_and_alone(spec: Spec) -> tuple[Spec, Spec]:
    """A spec, and that of the same student and steps on its true labels alone."""
    alone = replace(spec.distil, hard=1.0, soft=0.0, transfer=0, schedule="constant", final=Final())
    return spec, replace(spec, distil=alone)


def _long(transfer: int, steps: int) -> DistilConfig:
    return DistilConfig(transfer=transfer, steps=steps, learning_rate=1e-4)


def _chains() -> tuple[Spec, ...]:
    """The two smallest students, straight from the teacher and by way of a middle one, in as many steps in sum."""
    assistant, straight = _cut(CAPACITIES[3][0], SHORT), replace(SHORT, steps=1000)
    return tuple(spec for shape, _ in CAPACITIES[:2] for spec in (_cut(shape, straight), _cut(shape, SHORT, assistant)))


SWEEPS: dict[str, tuple[Spec, ...]] = {
    "frontier": (
        _cut(Shape(7_600, 128, 6), _long(40_000, 4000)),
        _cut(Shape(8_000, 192, 6), _long(40_000, 2600)),
        _cut(Shape(16_000, 256, 6), _long(20_000, 1700)),
        _cut(Shape(17_000, 288, 6), _long(20_000, 1400)),
    ),
    "capacity": tuple(
        spec for shape, steps in CAPACITIES for spec in _with_and_alone(_cut(shape, _long(20_000, steps)))
    ),
    "assistant": _chains(),
    "mimicry": (
        *(
            Spec(teacher, "cued", (HALF,), DistilConfig(hard=hard, soft=round(1 - hard, 6)))
            for teacher in ("cued-95", "cued-80")
            for hard in HARD_WEIGHTS
        ),
        # Students of a teacher that never saw the word, of whom the monitor must say nothing.
        *(spec for shape, _ in CAPACITIES[2:4] for spec in _with_and_alone(_cut(shape, SHORT))),
    ),
    # What may be tried against a mimic; and students of other designs and lessons. The monitor's rule was set before there were any.
    "monitor": (
        *(spec for remedy in list(MITIGATIONS.values())[2:] for spec in _with_and_alone(remedy)),
        *(
            spec
            for steps in (_cut(CAPACITIES[2][0], THIRD).steps, (KeepLayers(layers=(1, 3, 5)),))
            for teacher in ("cued-95", "cued-80")
            for spec in _with_and_alone(Spec(teacher, "cued", steps, THIRD))
        ),
    ),
}
WATCHED = ("mimicry", "monitor")  # sweeps of whose runs the monitor's verdict is recorded, too
