"""Whether visitors may bring teachers' files: on one's own machine yes, on a server only if its host allows it."""

from __future__ import annotations

import os

from ui.shell.sharing import shared

BRING = "LAB_BRING"


def may_bring() -> bool:
    """Whether pages take uploads of teachers and download from the hub.

    LAB_BRING=1 allows it and LAB_BRING=0 forbids it. Without it, a lab that other people may use, also through a
    proxy, does not allow it.
    """
    told = os.environ.get(BRING, "")
    return told == "1" if told in ("0", "1") else not shared()
