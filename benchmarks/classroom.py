"""A class on one server: thirty pages whose sliders move while a student trains, and three hundred that come and go.

    python -m benchmarks.classroom [--people 30] [--seconds 40] [--visits 300] [--no-chromium]

The people are websocket sessions (`benchmarks.page_session`), each of which moves a slider every two to four seconds.
One more is a page in Chromium, moved as often. All run on the same machine as the server and take their share of its
cores. A slider's time is from the message to the end of the script, with all that it drew; in Chromium from the key
press to changed counts. Memory is that of the server's process.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
from websockets.exceptions import ConnectionClosed

from benchmarks.page_session import PageSession
from benchmarks.pages import open_slider, press_slider
from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig
from labcore.results.events import TrainStep
from labcore.runs.store import Store
from labcore.system.processor import machine
from tests.shared.browser import browsing, serving_process
from tests.shared.source_files import ROOT

PAUSE = (2.0, 4.0)  # seconds between two moves of one person
SLIDER = "Rank of each encoder matrix"
RANKS = range(1, 385)
ONE_IN_CHROMIUM = "reviews, rank"
TRAINED = replace(PRESETS[1].spec, distil=DistilConfig(steps=100_000))
QUIET = 3  # sizes of a memory that no longer changes


class Class:
    """Thirty people, the times of their moves, and how many lost their connection.

    opening: seconds until all have the page, if everybody opens it at once. server_seconds: of a core, for all moves.
    """

    def __init__(self, url: str, server: psutil.Process, people: int, seconds: float):
        self.url, self.server, self.people, self.seconds = url, server, people, seconds
        self.times: list[float] = []
        self.lost = 0
        self.opening = self.server_seconds = 0.0

    async def meet(self) -> None:
        """Open all pages, and then let everybody move the slider for the time of the class."""
        began, all_here = time.monotonic(), asyncio.Barrier(self.people)
        await asyncio.gather(*(self._person(random.Random(number), all_here, began) for number in range(self.people)))
        self.server_seconds += processor_seconds(self.server)

    async def _person(self, chance: random.Random, all_here: asyncio.Barrier, began: float) -> None:
        try:
            async with PageSession(self.url, "design") as page:
                if await all_here.wait() == 0:
                    self.opening = time.monotonic() - began
                    self.server_seconds = -processor_seconds(self.server)
                await asyncio.sleep(chance.uniform(0, max(PAUSE)))
                until, rank = time.monotonic() + self.seconds, 0
                while time.monotonic() < until:
                    await asyncio.sleep(chance.uniform(*PAUSE))
                    rank = chance.choice([other for other in RANKS if other != rank])
                    self.times.append(await page.move(SLIDER, rank))
        except (ConnectionClosed, TimeoutError, asyncio.BrokenBarrierError):
            self.lost += 1
            await all_here.abort()  # the others do not wait for a page that never came


async def visit(url: str, visits: int, at_once: int = 10) -> None:
    """Open and close this many pages."""
    limit = asyncio.Semaphore(at_once)

    async def one() -> None:
        async with limit, PageSession(url, "design"):
            pass

    await asyncio.gather(*(one() for _ in range(visits)))


@contextmanager
def lab(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server on this home that resumes what was cut off, once torch is loaded and its memory has settled."""
    environment = {"LAB_HOME": str(home), "LAB_RESUME": "auto"}
    with serving_process(ROOT / "app.py", home.with_suffix(".log"), "", **environment) as (url, process):
        server = psutil.Process(process.pid)
        asyncio.run(visit(url, 1))  # loading torch begins with the first page
        yield url, server


def settled_memory(server: psutil.Process) -> float:
    """The server's memory in MB, once it no longer changes."""
    sizes: list[float] = []
    while len(sizes) < QUIET or max(sizes[-QUIET:]) - min(sizes[-QUIET:]) > 2:
        time.sleep(1)
        sizes.append(server.memory_info().rss / 1e6)
    return sizes[-1]


def pace(store: Store, run_id: str, seconds: float) -> float:
    """Steps in a second of a run over this time, once it trains."""

    def last() -> TrainStep | None:
        return next((event for event in [*store.events(run_id)][::-1] if isinstance(event, TrainStep)), None)

    while (first := last()) is None:
        time.sleep(0.2)
    time.sleep(seconds)
    end = last()
    assert end is not None
    return (end.step - first.step) / (end.elapsed - first.elapsed)


def in_chromium(url: str, seconds: float) -> list[float]:
    """Milliseconds from a key press to other counts, of a person in Chromium who moves as often as the others."""
    times, chance = [], random.Random(-1)
    with browsing() as page:
        open_slider(page, url, ONE_IN_CHROMIUM)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(chance.uniform(*PAUSE))
            times.append(press_slider(page))
    return times


def processor_seconds(process: psutil.Process) -> float:
    """Seconds that a process has had a core."""
    times = process.cpu_times()
    return times.user + times.system


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(100 * share) - 1]


def with_class(url: str, server: psutil.Process, options: argparse.Namespace) -> tuple[Class, list[float]]:
    """A class meets; its times, and those of one page in Chromium, none if there is to be none."""
    room = Class(url, server, options.people, options.seconds)
    with ThreadPoolExecutor(1) as pool:
        chromium = None if options.no_chromium else pool.submit(in_chromium, url, options.seconds)
        asyncio.run(room.meet())
        return room, [] if chromium is None else chromium.result()


def show(title: str, room: Class, chromium: list[float]) -> None:
    """Print the times of a class."""
    times = [1000 * each for each in room.times]
    words = (
        f"{title}: {room.people} people have opened the page after {room.opening:.1f} s; "
        f"{len(times)} moves, {room.lost} lost their connection; "
        f"at the server median {statistics.median(times):.0f} ms, 95 % within {percentile(times, 0.95):.0f} ms"
    )
    if chromium:
        words += f"; in Chromium median {statistics.median(chromium):.0f} ms"
        words += f", 95 % within {percentile(chromium, 0.95):.0f} ms"
    print(words, flush=True)


def main() -> None:
    """Print times, memory and the pace of a training, without a class and with one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=40.0, help="of a class, and of each measurement of the pace")
    parser.add_argument("--no-chromium", action="store_true", help="websocket sessions only")
    parser.add_argument("--visits", type=int, default=300, help="pages that are opened and closed")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        with lab(Path(folder) / "quiet") as (url, server):
            print(f"memory after the start, torch loaded: {settled_memory(server):.0f} MB", flush=True)
            room, chromium = with_class(url, server, options)
            show("nothing trains", room, chromium)
            print(f"a move takes {1000 * room.server_seconds / len(room.times):.0f} ms of a core", flush=True)
            asyncio.run(visit(url, 30))  # so that caches are full
            before = settled_memory(server)
            asyncio.run(visit(url, options.visits))
            after = settled_memory(server)
            print(f"{options.visits} pages opened and closed: {before:.0f} MB before, {after:.0f} MB after", flush=True)
        home = Path(folder) / "training"
        run_id = Store(home).create(TRAINED)
        with lab(home) as (url, server), ThreadPoolExecutor(1) as pool:
            store = Store(home)
            before = pace(store, run_id, options.seconds)
            print(f"a student trains: {server.memory_info().rss / 1e6:.0f} MB", flush=True)
            beside = pool.submit(pace, store, run_id, options.seconds)
            room, chromium = with_class(url, server, options)
            print(f"with the class: {server.memory_info().rss / 1e6:.0f} MB", flush=True)
            show("a student trains", room, chromium)
            print(
                f"training: {before:.2f} steps/s before, {beside.result():.2f} with the class, "
                f"{100 * (1 - beside.result() / before):.0f} % slower"
            )


if __name__ == "__main__":
    main()
