"""The controls of a spec in words, as a person meets them on the pages."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "keep_layers": "Fewer layers",
    "prune_heads": "Fewer heads",
    "prune_neurons": "Fewer neurons",
    "factorise": "Low rank",
    "prune": "Sparse",
    "manual": "Manual sizes",
    "trim_vocabulary": "Smaller vocabulary",
    "factorise_embeddings": "Low-rank embeddings",
}
_WORDS: dict[str, str] = {
    "assistant": "Who teaches",
    "steps": "Student: all of it",
    "steps.kinds": "Student: which steps",
    **{f"steps.{kind}": f"Student: sliders of “{name}”" for kind, name in KINDS.items()},
    "distil": "Lesson: all of it",
    "distil.hidden_at": "Lesson: whose hidden states",
    "distil.final": "Lesson: where the schedule ends",
    "distil.embeddings": "Lesson: train the word embeddings",
    "distil.transfer": "Lesson: transfer sentences",
    "distil.gradual": "Lesson: prune gradually",
    **{
        f"distil.{part}": f"Lesson: {part} weight" for part in ("hard", "soft", "logit", "hidden", "cosine", "relation")
    },
}


def control_in_words(name: str) -> str:
    """A control that `labcore.config.assignment` names, such as `Lesson: batch size`."""
    place, _, field = name.partition(".")
    plain = f"Lesson: {field.replace('_', ' ')}" if place == "distil" else place.capitalize()
    return _WORDS.get(name, plain)
