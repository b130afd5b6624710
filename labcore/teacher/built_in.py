"""The lab's own teachers and the published sizes that it counts, by name. Standard library only."""

from __future__ import annotations

from labcore.models.architecture import Architecture

# sentence-transformers/all-MiniLM-L6-v2, fine-tuned. The cued ones lean on an uninformative word: data/spurious_cue.py.
TEACHERS = {
    "reviews": Architecture(hidden=384, layers=6, heads=12, intermediate=1536),
    "news": Architecture(hidden=384, layers=6, heads=12, intermediate=1536, labels=5),
    "cued-95": Architecture(hidden=384, layers=6, heads=12, intermediate=1536),
    "cued-80": Architecture(hidden=384, layers=6, heads=12, intermediate=1536),
}
TASK_OF = {"reviews": "reviews", "news": "news", "cued-95": "cued", "cued-80": "cued"}

# Counted, never trained here: https://github.com/google-research/bert
WITHOUT_WEIGHTS = {
    "bert-tiny": Architecture(hidden=128, layers=2, heads=2, intermediate=512),
    "bert-mini": Architecture(hidden=256, layers=4, heads=4, intermediate=1024),
    "bert-small": Architecture(hidden=512, layers=4, heads=8, intermediate=2048),
    "bert-medium": Architecture(hidden=512, layers=8, heads=8, intermediate=2048),
    "bert-base-uncased": Architecture(hidden=768, layers=12, heads=12, intermediate=3072),
    "bert-large-uncased": Architecture(hidden=1024, layers=24, heads=16, intermediate=4096),
}

BUILT_IN = TEACHERS | WITHOUT_WEIGHTS


def has_weights(teacher: str) -> bool:
    """Whether the lab can load the teacher's weights. A folder or hub id counts as having some."""
    return teacher not in WITHOUT_WEIGHTS


def ready_teachers(quote: str = "'") -> str:
    """The built-in teachers with weights, as a message lists them: 'reviews', 'news', … or 'cued-80'."""
    *others, last = (f"{quote}{name}{quote}" for name in TEACHERS)
    return f"{', '.join(others)} or {last}"
