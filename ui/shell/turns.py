"""Pages are drawn one after another, not all at once a little.

Python runs one thread at a time and lets threads take turns every five milliseconds. So ten pages that are begun
together would all be ready when the last one is. In turn, most are ready earlier: `python -m benchmarks.classroom`.

Nobody waits longer than `PATIENCE` for a turn. So beside a page that takes long, each other one is late by that. A
fragment that draws itself again takes no turn.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 0.3  # seconds
_TURN = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Within the block it is this thread's turn to draw a page, or it has waited long enough."""
    mine = _TURN.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if mine:
            _TURN.release()
