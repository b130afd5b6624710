"""What goes wrong with an exported page, in Chromium: each fault is one sentence that names the file or the cause."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from labcore.export.page_folder import write_page
from tests.shared.browser import browsing
from tests.shared.exported_pages import NO_FILE, described, static_server
from tests.shared.full import first


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page whose model is no model."""
    folder = tmp_path_factory.mktemp("page")
    write_page(described(folder / "student"), folder / "site")
    return folder / "site"


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _with(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


FAULTS = {
    "student/model.onnx is missing on the server. Copy the folder": _without("student/model.onnx"),
    "student/export.json is damaged: it is not JSON": _with("student/export.json", b'{"labels": ["no",'),
    "runtime/tokenizers.min.mjs is missing": _without("runtime/tokenizers.min.mjs"),
    "student/model.onnx has 3 bytes, not 9": _with("student/model.onnx", b"cut"),
    "student/export.json is damaged: it lacks the labels": _with("student/export.json", b'{"labels": "no"}'),
    "student/tokenizer.json can't be used": _with("student/tokenizer.json", b"{}"),
    "runtime/ort-wasm-simd-threaded.wasm.gz is damaged": _with(
        "runtime/ort-wasm-simd-threaded.wasm.gz", b"\x1f\x8bno gzip"
    ),
    "page.json is missing": _without("page.json"),
    "classifier.js is missing": _without("classifier.js"),
}


@pytest.mark.parametrize(("words_of_it", "fault"), first(3, FAULTS.items()))
def test_a_fault_is_one_sentence(
    page_folder: Path, tmp_path: Path, words_of_it: str, fault: Callable[[Path], object]
) -> None:
    shutil.copytree(page_folder, tmp_path / "site")
    fault(tmp_path / "site")
    with static_server(tmp_path) as url, browsing(excused=NO_FILE) as page:
        page.goto(f"{url}/site/")
        expect(page.get_by_role("alert")).to_contain_text(words_of_it)
        expect(page.locator("progress")).to_have_count(0)


def test_a_file_that_is_no_model_is_one_sentence(page_folder: Path) -> None:
    with static_server(page_folder) as url, browsing(excused=NO_FILE) as page:
        page.goto(url)
        expect(page.get_by_role("alert")).to_contain_text("student/model.onnx can't be used")


def test_a_browser_without_webassembly_is_told_so(page_folder: Path) -> None:
    with static_server(page_folder) as url, browsing() as page:
        page.add_init_script("delete window.WebAssembly")
        page.goto(url)
        expect(page.get_by_role("alert")).to_contain_text("This browser is too old for the page. Update it")


def test_a_page_that_is_opened_as_a_file_names_the_command(page_folder: Path) -> None:
    with browsing(excused="CORS|Failed to load|ERR_FAILED") as page:
        page.goto((page_folder / "index.html").as_uri())
        expect(page.locator("#not-served")).to_be_visible()
        expect(page.locator("#not-served")).to_contain_text("python -m http.server")


def test_the_worker_has_the_pages_policy(page_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(page_folder, tmp_path / "site")
    requests: list[str] = []
    with (
        static_server(page_folder, requests) as other,
        static_server(tmp_path / "site") as url,
        browsing(excused=f"{NO_FILE}|Content Security|Refused|violates") as page,
    ):
        failed = 'postMessage({kind: "failed", role: "student", words: "refused"})'
        probe = f'fetch("{other}/page.css", {{mode: "no-cors"}}).catch(() => {failed})'
        worker = tmp_path / "site" / "classifier.js"
        worker.write_text(f"{probe}\n", encoding="utf-8")
        page.goto(url)
        expect(page.get_by_role("alert")).to_contain_text("refused")
    assert requests == []
