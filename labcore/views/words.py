"""Specs and numbers in words."""

from __future__ import annotations

from labcore.spec import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Spec,
    Step,
    TrimVocabulary,
)


def millions(parameters: int) -> str:
    """A number of parameters, such as `22.7 M` or `770` below ten thousand."""
    if parameters < 1e4:
        return f"{parameters:,}"
    return f"{parameters / 1e6:.{1 if parameters >= 1e7 else 2}f} M"


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage, such as `77 %`."""
    return f"{100 * share:.{digits}f} %"


def duration(seconds: float) -> str:
    """A time as a person says it: `45 s`, `3 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def step_in_words(step: Step) -> str:
    """One step, such as `rank 64` or `50 % sparse`."""
    match step:
        case KeepLayers(layers=None):
            which = {"even": "evenly spread", "first": "the first", "last": "the last"}[step.pick]
            return f"{step.count} layer{'s' if step.count != 1 else ''}, {which}"
        case KeepLayers():
            assert step.layers is not None
            return f"layer{'s' if len(step.layers) != 1 else ''} {', '.join(str(layer + 1) for layer in step.layers)}"
        case Manual():
            sizes = [f"{value} {name}" for name, value in (
                ("hidden", step.hidden), ("layers", step.layers), ("heads", step.heads), ("feed-forward", step.intermediate),
            ) if value is not None]  # fmt: skip
            start = "random start" if step.init == "random" else "cut out of the teacher"
            return f"manual: {', '.join(sizes) or 'half of everything'} ({start})"
        case PruneHeads():
            return f"{step.heads} head{'s' if step.heads != 1 else ''} a layer{_by(step.by)}"
        case PruneNeurons():
            return f"{step.intermediate} neurons a layer{_by(step.by)}"
        case Prune(pattern="2:4"):
            return "2:4 sparse"
        case Prune():
            return f"{100 * step.sparsity:g} % sparse{' (global)' if step.scope == 'global' else ''}"
        case Factorise():
            size = f"rank {step.rank}" if step.energy is None else f"ranks for {100 * step.energy:g} % energy"
            return size + (" (activation-aware)" if step.method == "activation" else "")
        case FactoriseEmbeddings():
            return f"embeddings of rank {step.rank}"
        case TrimVocabulary():
            return "the task's word pieces" if step.size is None else f"{step.size:,} word pieces"


def _by(importance: str) -> str:
    return " (by Taylor score)" if importance == "taylor" else ""


def student_in_words(spec: Spec) -> str:
    """The student that a spec makes, such as `layers 2, 4, 6 → rank 64`."""
    return " → ".join(step_in_words(step) for step in spec.steps) or "a copy of the teacher"
