"""The page that is a student, in Chromium: Python's logits, no other host, by keyboard, on a phone, and its errors."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

import labcore.export
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.evaluate.metrics import predict
from labcore.export.export_source import ExportSource
from labcore.export.exported_folder import MODEL, Kind, digest, read_exported
from labcore.export.make_export import export
from labcore.export.make_page import export_page
from labcore.export.page_folder import write_page
from labcore.export.rounded_weights import write_4bit, write_int8
from tests.shared.accessibility import findings, levels
from tests.shared.browser import browsing
from tests.shared.exported_pages import NO_FILE, static_server, tiny_source, words

BELOW = "class/a student"  # the path below which the page is served
HOSTILE = "<script>document.title = 'hacked'</script>"
SHORT, LONG = words(5), words(60, seed=3)  # 7 tokens, and more than the 24 that the model reads
ODD = "w1 \U0001f600 w2\tÉ [SEP] w3\u200b 日本 <b>w4</b>"


@dataclass(frozen=True)
class Site:
    """A page that is served: its folder, its address, and what was requested."""

    folder: Path
    address: str
    requests: list[str]


LABELS = (HOSTILE, "a & <b>b</b>")
STUDENT, TEACHER = tiny_source(1, LABELS, title=f"</title>{HOSTILE}"), tiny_source(2, LABELS, title="Its teacher")


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The student's and the teacher's exported folders."""
    folder = tmp_path_factory.mktemp("exports")
    sources = {"student": STUDENT, "teacher": TEACHER}
    for role, source in sources.items():
        export(source, "onnx", folder / role)
    return {role: folder / role for role in sources}


@pytest.fixture(scope="module")
def both(exports: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page of student and teacher, side by side."""
    root = tmp_path_factory.mktemp("root")
    folder = root / BELOW
    write_page(exports["student"], folder, exports["teacher"])
    requests: list[str] = []
    with static_server(root, requests) as url:
        yield Site(folder, f"{url}/{BELOW}/", requests)


def opened(page: Page, address: str) -> None:
    """Open a page, and wait until every model computes."""
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    expect(page.locator("main")).to_have_attribute(
        "data-ready", re.compile("student" if models(page) == 1 else "teacher")
    )


def models(page: Page) -> int:
    return page.locator("output").count()


def box(page: Page) -> Locator:
    return page.get_by_label("Your text")


def logits(page: Page, role: str, ids: list[int]) -> list[float]:
    """A model's logits on the page, once it computed these ids."""
    output = page.locator(f"output[data-role={role}]")
    expect(output).to_have_attribute("data-ids", json.dumps(ids, separators=(",", ":")))
    computed: list[float] = json.loads(output.get_attribute("data-logits") or "")
    return computed


def pythons(source: ExportSource, *text: str) -> tuple[list[int], list[float]]:
    """The ids of a text, or of a pair, and PyTorch's logits of it."""
    first, second = ((each,) if each is not None else None for each in (text[0], text[1] if text[1:] else None))
    assert first is not None
    encoded = encode(source.tokenizer, Examples(first, (0,), second), source.max_tokens)
    [row] = predict(source.model, encoded).tolist()
    return list(encoded.tokens[0]), row


def test_student_and_teacher_give_pythons_logits_and_ask_no_other_host(both: Site) -> None:
    both.requests.clear()
    labels = STUDENT.labels
    with browsing() as page:  # which fails for a request to another host
        opened(page, both.address)
        for text in (SHORT, LONG, ODD):
            box(page).fill(text)
            predicted = {}
            for role, source in (("student", STUDENT), ("teacher", TEACHER)):
                ids, row = pythons(source, text)
                assert logits(page, role, ids) == pytest.approx(row, abs=1e-4)
                predicted[role] = labels[row.index(max(row))]
                chance = torch.tensor(row).double().softmax(-1)
                bars = page.locator(f"#results li .{role} .value")
                expect(bars).to_have_text([f"{100 * p:.1f} %" for p in chance.tolist()])
                expect(page.locator(f"output[data-role={role}] b")).to_have_text(predicted[role])
            same = predicted["student"] == predicted["teacher"]
            expect(page.locator("#prediction")).to_contain_text("agree: " if same else "They disagree")
        expect(page.locator("#results .label")).to_have_text(list(LABELS))
        assert page.title() == STUDENT.title
        assert page.locator("script").count() == 1
        page.wait_for_load_state("networkidle")
    assert all(path.startswith(f"/{BELOW.replace(' ', '%20')}/") for path in both.requests)
    large = [path for path in both.requests if path.endswith((".onnx", ".gz", "tokenizer.json"))]
    assert len(large) == len(set(large)) == 5, "each is loaded once"


def test_a_text_that_is_too_long_says_what_is_read(both: Site) -> None:
    with browsing() as page:
        opened(page, both.address)
        box(page).fill(LONG)
        expect(page.locator("#cut")).to_contain_text("the student reads the first 22 of 60 tokens (at most 24")
        box(page).fill("w1 nonsense")
        expect(page.locator("#cut")).to_have_text("2 tokens. 1 of them is unknown to the student.")
        box(page).fill("\u200b")
        expect(page.locator("#prediction")).to_have_text("The student has no token for this text.")
        expect(page.locator("#results li .value").first).to_have_text("–")
        box(page).fill("  \n ")
        expect(page.locator("#prediction")).to_have_text("Type a text, and its probabilities appear here.")
        expect(page.locator("output[data-logits]")).to_have_count(0)
        expect(page.locator("output b")).to_have_text(["–", "–"])


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_it(both: Site, width: int, theme: str) -> None:
    with browsing(width, 844) as page:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        opened(page, both.address)
        page.keyboard.press("Tab")
        page.keyboard.type(SHORT)
        page.keyboard.press("Enter")  # computes, and adds no line
        ids, row = pythons(STUDENT, SHORT)
        assert logits(page, "student", ids) == pytest.approx(row, abs=1e-4)
        expect(page.locator("#prediction")).to_contain_text("agree")
        expect(box(page)).to_have_value(SHORT)
        page.evaluate("Promise.all(document.getAnimations().map(each => each.finished)).then(() => null)")
        assert findings(page) == []
        assert levels(page) == [1, 2, 2, 2, 2, 3, 3]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert ground == {"light": "rgb(253, 252, 250)", "dark": "rgb(21, 23, 28)"}[theme]
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="The student's card in full")).to_be_focused()


def test_a_sample_is_tried_by_keyboard(exports: dict[str, Path], tmp_path: Path) -> None:
    renamed = tmp_path / "student"
    shutil.copytree(exports["student"], renamed)
    replace(read_exported(renamed), task="news").write(renamed)
    write_page(renamed, tmp_path / "site")
    with static_server(tmp_path, unpacks=True) as url, browsing() as page:
        opened(page, f"{url}/site/")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(box(page)).to_be_focused()
        sample = box(page).input_value()
        assert sample.startswith("Shares rose")
        ids, row = pythons(STUDENT, sample)
        assert logits(page, "student", ids) == pytest.approx(row, abs=1e-4)


@pytest.mark.parametrize(("kind", "write"), [("onnx-int8", write_int8), ("onnx-4bit", write_4bit)])
def test_rounded_files_run(
    exports: dict[str, Path], tmp_path: Path, kind: Kind, write: Callable[[Path, Path], None]
) -> None:
    rounded = tmp_path / "student"
    shutil.copytree(exports["student"], rounded)
    write(exports["student"] / MODEL, rounded / MODEL)
    exported = read_exported(rounded)
    replace(exported, kind=kind, sha256={**exported.sha256, MODEL: digest(rounded / MODEL)}).write(rounded)
    write_page(rounded, tmp_path / "site")
    with static_server(tmp_path) as url, browsing() as page:
        opened(page, f"{url}/site/")
        for text in (SHORT, LONG):
            box(page).fill(text)
            [row] = labcore.export.load(rounded).logits([text]).tolist()
            assert logits(page, "student", pythons(STUDENT, text)[0]) == pytest.approx(row, abs=1e-2)


@pytest.mark.full
def test_pairs_have_two_boxes_and_their_types(tmp_path: Path) -> None:
    source = tiny_source(4, pairs=True)
    export(source, "onnx", tmp_path / "student")
    write_page(tmp_path / "student", tmp_path / "site")
    with static_server(tmp_path) as url, browsing() as page:
        opened(page, f"{url}/site/")
        page.get_by_label("First text").fill(SHORT)
        expect(page.locator("#prediction")).to_have_text("Type both texts, and their probabilities appear here.")
        for first, second in ((SHORT, words(9, 5)), (LONG, words(4, 6)), (words(4, 6), LONG), (LONG, LONG)):
            page.get_by_label("First text").fill(first)
            page.get_by_label("Second text").fill(second)
            ids, row = pythons(source, first, second)
            assert logits(page, "student", ids) == pytest.approx(row, abs=1e-4)


@pytest.mark.full
def test_of_many_labels_the_most_probable_are_shown(tmp_path: Path) -> None:
    names = [f"label {i}" for i in range(12)]
    source = tiny_source(5, names)
    assert export_page(source, tmp_path / "site").student.labels == tuple(names)
    assert [each.name for each in tmp_path.iterdir()] == ["site"]
    with static_server(tmp_path) as url, browsing() as page:
        opened(page, f"{url}/site/")
        box(page).fill(SHORT)
        ids, row = pythons(source, SHORT)
        assert logits(page, "student", ids) == pytest.approx(row, abs=1e-4)
        order = sorted(range(len(names)), key=lambda i: -row[i])
        expect(page.locator("#results .label")).to_have_text([names[i] for i in order[:8]])
        expect(page.locator("#more")).to_have_text("4 further labels are not shown.")


def test_a_student_runs_without_its_teacher(both: Site, tmp_path: Path) -> None:
    shutil.copytree(both.folder, tmp_path / "site")
    (tmp_path / "site" / "teacher" / "model.onnx").unlink()
    with static_server(tmp_path) as url, browsing(excused=NO_FILE) as page:
        page.goto(f"{url}/site/")
        expect(page.get_by_role("alert")).to_contain_text("The teacher is not here: teacher/model.onnx is missing")
        box(page).fill(SHORT)
        ids, row = pythons(STUDENT, SHORT)
        assert logits(page, "student", ids) == pytest.approx(row, abs=1e-4)
        expect(page.locator("#prediction")).to_contain_text("The student predicts")
