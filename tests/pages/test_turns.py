"""Pages are drawn in turn, and a page that takes long holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.shared.runs import until
from ui.shell import turns


class Drawing(threading.Thread):
    """A thread that draws a page: it takes its turn, and ends when it is let go."""

    def __init__(self, order: list[str], name: str):
        super().__init__(daemon=True)
        self.order, self.name, self.go = order, name, threading.Event()
        self.asks = threading.Event()
        self.start()

    def run(self) -> None:
        self.asks.set()
        with turns.turn():
            self.order.append(f"{self.name} begins")
            self.go.wait()
            self.order.append(f"{self.name} ends")


@pytest.fixture
def drawing() -> Callable[[str], Drawing]:
    order: list[str] = []
    return lambda name: Drawing(order, name)


def test_the_second_page_begins_when_the_first_is_drawn(
    drawing: Callable[[str], Drawing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 600.0)
    first = drawing("first")
    until(lambda: first.order == ["first begins"])
    second = drawing("second")
    second.asks.wait()
    second.go.set()
    first.go.set()
    second.join()
    assert first.order == ["first begins", "first ends", "second begins", "second ends"]


def test_a_page_that_takes_long_is_not_waited_for(
    drawing: Callable[[str], Drawing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    first = drawing("first")
    until(lambda: first.order == ["first begins"])
    second = drawing("second")
    until(lambda: "second begins" in first.order)
    second.go.set()
    second.join()
    assert first.is_alive()  # and it still has its turn
    first.go.set()
    first.join()
    third = drawing("third")
    third.go.set()
    third.join()
    assert first.order[-3:] == ["first ends", "third begins", "third ends"]


def test_an_error_ends_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 600.0)
    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0
    with turns.turn():
        pass
