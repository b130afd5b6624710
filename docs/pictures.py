"""Pictures of every page, for the docs: the lab with a few short runs of its own, in Chromium.

    python -m docs.pictures [--home DIR]

It makes the runs that a home does not have yet, in some minutes, and starts the lab on that home. Then it writes
docs/pictures/: each page at 1280 pixels in the light theme, and at a phone's 390 in the dark one. The tour and an
assignment in large type are there, too.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from PIL import Image
from playwright.sync_api import Page, expect

from labcore.config.assignment import Assignment
from labcore.config.finetuning import FineTuning
from labcore.config.presets import MIMIC
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate.baselines import baseline
from labcore.exercise.attempt import Attempt, Slot
from labcore.exercise.attempt_store import save_attempt
from labcore.exercise.own_counts import with_line
from labcore.exercise.ready_students import READY
from labcore.runs.execute import execute_and_store
from labcore.runs.make_teacher import make_teacher
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from tests.shared.attempts import right_line
from tests.shared.browser import browsing, serving, settled
from tests.shared.parcels import kept_data
from tests.shared.source_files import ROOT

PICTURES = ROOT / "docs" / "pictures"
LOADED = 120_000  # milliseconds that a page may take, torch with it

LEARNER = Spec(steps=READY["Tiny, initialised from the teacher"], distil=DistilConfig(hidden=0.2, steps=200))
PURE_MIMIC = replace(MIMIC, distil=DistilConfig(hard=0.0, soft=1.0, steps=150))
STUDENTS = ("Light", "Narrow, initialised from the teacher", "Tiny, initialised from the teacher")
EXERCISE = Attempt(
    id="0123456789abcdef",
    name="Ada",
    slots=tuple(Slot(READY[name]) for name in STUDENTS),
    config=DistilConfig(steps=150),
    choice=1,
    reason="B, for a phone: it has a fifth of its teacher's parameters, and no significant "
    "difference in accuracy from A was measured.",
)
ASSIGNMENT = Assignment(
    spec=Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64))),
    title="How low can the rank go?",
    text="Find the rank at which the student loses three points. You can move the rank only.",
    page="design",
    locked=("teacher", "steps.kinds", "steps.keep_layers", "distil"),
    hidden=("distil.seed",),
    large=True,
)


@dataclass(frozen=True)
class Picture:
    """A page to photograph: its address, and the word that the shortcut test is given first."""

    name: str
    address: str
    word: str | None = None  # on the Evaluate page


def with_its_runs(store: Store) -> tuple[Attempt, dict[str, str]]:
    """The exercise's attempt, counted and predicted, and the ids of finished runs by name; missing runs are made."""
    attempt = with_line(EXERCISE, right_line(EXERCISE)).with_prediction(1).begin()
    save_attempt(attempt, store)
    shown = {"learner": LEARNER, "mimic": PURE_MIMIC}
    for spec in (*shown.values(), *(baseline(spec, "no teacher") for spec in shown.values()), *attempt.specs):
        if store.find(spec) is None:
            for _ in execute_and_store(spec, store.create(spec), store):
                pass
    return attempt, {name: run.id for name, spec in shown.items() if (run := store.find(spec))}


def with_its_data() -> str:
    """The task of a small data set of one's own, with a teacher that was made of it; what is missing is made."""
    task, store = kept_data(600), TeacherStore()
    if not any(teacher.task == task and teacher.status == "ready" for teacher in store.all()):
        for _ in make_teacher(store.create_to_make("Parcels teacher", FineTuning(task=task, epochs=2)), store):
            pass
    return task


def pictures(attempt: Attempt, runs: dict[str, str], task: str) -> tuple[Picture, ...]:
    """Each page, in the order of the story; then the tour and the assignment."""
    stack = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)))
    return (
        Picture("start", ""),
        Picture("data", f"data?data={task}"),
        Picture("design", f"design?spec={quote(stack.to_json())}"),
        Picture("distil", f"distil?run={runs['learner']}"),
        Picture("evaluate", f"evaluate?run={runs['mimic']}", word="thursday"),
        Picture("frontier", f"frontier?run={runs['learner']}"),
        Picture("runs", f"runs?compare={runs['learner']},{runs['mimic']}"),
        Picture("capacity", "capacity"),
        Picture("mimicry", "mimicry"),
        Picture("exercise", f"exercise?attempt={attempt.id}"),
        Picture("tour", "design?tour=2"),
        Picture("assignment", "?" + urlencode({"lesson": ASSIGNMENT.to_json()})),
    )


def drawn(page: Page) -> None:
    """Wait until all of the page is there."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=LOADED)
    settled(page)
    expect(page.locator("[data-testid=stSkeleton], .lab-chart:not([data-state=ready])")).to_have_count(
        0, timeout=LOADED
    )


@contextmanager
def full_height(page: Page) -> Iterator[None]:
    """The page in a window as high as all of it."""
    size = page.viewport_size
    assert size is not None
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight + 60")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.wait_for_timeout(800)  # charts take their width
    yield
    page.set_viewport_size(size)


def photograph(page: Page, url: str, picture: Picture, file: Path) -> None:
    """The whole page as a PNG."""
    page.goto(f"{url}/{picture.address}")
    drawn(page)
    if picture.word is not None:
        page.get_by_role("textbox", name="Suspected word").fill(picture.word)
        page.get_by_role("button", name="Test it").click()
        expect(page.locator(".lab-chart[aria-label*='mimics']")).to_have_attribute(
            "data-state", "ready", timeout=LOADED
        )
        drawn(page)
    with full_height(page):
        image = Image.open(io.BytesIO(page.screenshot()))
    # 256 colours for a small file; an octree keeps those of few pixels, where the median cut makes orange lines red.
    few = image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def main() -> None:
    """Make the runs, and photograph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="where the runs are kept (default: a new folder)")
    home = parser.parse_args().home or Path(tempfile.mkdtemp())
    os.environ["LAB_HOME"] = str(home.resolve())  # with the key of its server
    attempt, runs = with_its_runs(Store(home))
    task = with_its_data()
    PICTURES.mkdir(exist_ok=True)
    with serving(ROOT / "app.py", home / "log", LAB_HOME=os.environ["LAB_HOME"]) as url:
        for width, height, theme in ((1280, 720, "light"), (390, 844, "dark")):
            with browsing(width, height) as page:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                for picture in pictures(attempt, runs, task):
                    file = PICTURES / f"{picture.name}-{width}-{theme}.png"
                    photograph(page, url, picture, file)
                    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
