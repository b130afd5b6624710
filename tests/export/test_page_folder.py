"""The folder of a page: complete, without other hosts, with a person's words escaped; and what makes no page."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from labcore.config.checks import SpecError
from labcore.export import page_runtime, page_words
from labcore.export.page_folder import ASSETS, SCRIPTS, write_page
from labcore.export.page_runtime import FILES, content_of
from labcore.export.page_zip import zipped_page
from labcore.views import palette
from tests.shared.exported_pages import described
from tests.shared.source_files import ROOT

HOSTILE = "<script>alert(1)</script>"


class Parts(HTMLParser):
    """The addresses, tags and headings of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a student and its teacher."""
    folder = tmp_path_factory.mktemp("page")
    teacher = described(folder / "teacher", title="The teacher")
    write_page(described(folder / "student"), folder / "site", teacher)
    return folder / "site"


def test_every_file_that_the_page_names_is_there(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    addresses = Parts(html).addresses
    assert all((site / address).is_file() for address in addresses if not address.endswith("README.md"))
    assert {"page.js", "page.css", "icon.svg"} <= set(addresses)
    page = json.loads((site / "page.json").read_text(encoding="utf-8"))
    assert (site / page["runtime"]["file"]).stat().st_size == page["runtime"]["bytes"]
    for model in page["models"]:
        assert {name: (site / model["folder"] / name).stat().st_size for name in model["bytes"]} == model["bytes"]
    assert [model["role"] for model in page["models"]] == ["student", "teacher"]
    assert not [file for file in site.rglob("*") if file.name.startswith(".")]


def test_no_address_leads_elsewhere(site: Path) -> None:
    own = [site / "index.html", *(site / name for name in SCRIPTS)]
    for file in own:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)  # comments
        assert re.findall(r"https?://[^\s<]+", text) == (["http://localhost:8000"] if file.suffix == ".html" else [])
        assert not re.search(r"\burl\(|@import", text)
    assert all(not re.match(r"[a-z]+:|/", address) for address in Parts(own[0].read_text(encoding="utf-8")).addresses)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', own[0].read_text(encoding="utf-8"))
    assert policy is not None
    assert "default-src 'self'" in policy[1]
    assert "http" not in policy[1]


def test_what_a_person_wrote_is_escaped(tmp_path: Path) -> None:
    exported = described(
        tmp_path / "student",
        (HOSTILE, '" onfocus="alert(2)'),
        title=f"</title>{HOSTILE}",
        task=HOSTILE,
        teacher=HOSTILE,
    )
    (exported / "README.md").write_text(f"# Card\n\n## Limits\n\n{HOSTILE}\n", encoding="utf-8")
    write_page(exported, tmp_path / "site")
    html = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert Parts(html).tags.count("script") == 1
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5
    assert 'onfocus="' not in html


def test_the_card_states_what_was_measured(tmp_path: Path) -> None:
    exported = described(tmp_path / "student")
    card = (
        "# Card\n\n## Limits\n\nThe base is [MiniLM](https://example.org), Apache-2.0.\nIt has `biases`.\n\n## More\n"
    )
    (exported / "README.md").write_text(card, encoding="utf-8")
    write_page(exported, tmp_path / "site")
    html = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    for stated in (
        "90.0 % of 30 test examples",
        "ONNX, 32-bit floats",
        "24 tokens",
        "The base is MiniLM, Apache-2.0. It has biases.",
    ):
        assert f"<dd>{stated}" in html, stated
    assert "Its teacher, reviews, has 400.0 kB" not in html  # from 100 kB on in MB
    assert "Its teacher, reviews, has 0.4 MB" in html


def test_a_page_without_a_card_states_whose_licence_it_has(tmp_path: Path) -> None:
    assert page_words.limits(tmp_path / "README.md") == ""
    write_page(described(tmp_path / "student"), tmp_path / "site")
    assert "Its licence is that of the teacher." in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_headings_are_in_order_and_the_box_has_a_label(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    levels = [int(tag[1]) for tag in Parts(html).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    assert '<label for="text">' in html
    assert 'id="text"' in html


# -- refused -------------------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    exported = described(tmp_path / "student")
    with pytest.raises(SpecError, match="is there already"):
        write_page(exported, exported)
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(SpecError, match="is there already"):
        write_page(exported, tmp_path / "file")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "tokenizer_config.json", "export.json"])
def test_an_incomplete_folder_makes_no_page(name: str, tmp_path: Path) -> None:
    exported = described(tmp_path / "student")
    (exported / name).unlink()
    with pytest.raises(SpecError, match=name):
        write_page(exported, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_changed_model_makes_no_page(tmp_path: Path) -> None:
    exported = described(tmp_path / "student")
    (exported / "model.onnx").write_bytes(b"changed..")
    with pytest.raises(SpecError, match="not the file that was measured"):
        write_page(exported, tmp_path / "site")


def test_a_teacher_of_other_labels_is_refused(tmp_path: Path) -> None:
    teacher = described(tmp_path / "teacher", ("maybe", "yes"))
    with pytest.raises(SpecError, match="different labels"):
        write_page(described(tmp_path / "student"), tmp_path / "site", teacher)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["student", "teacher"]


def test_a_transformers_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="huggingface"):
        write_page(described(tmp_path / "student", kind="huggingface"), tmp_path / "site")


# -- what the lab ships --------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_shipped_file_is_the_packages_own(file: page_runtime.RuntimeFile) -> None:
    assert hashlib.sha256(content_of(file)).hexdigest() == file.sha256
    assert file.package in page_runtime.INTEGRITY


def test_a_damaged_copy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_runtime, "PACKED", tmp_path)
    [small] = [file for file in FILES if file.name == "tokenizers.min.mjs"]
    small.packed.write_bytes(b"no LZMA")
    with pytest.raises(SpecError, match="is damaged"):
        content_of(small)


def test_every_shipped_licence_is_on_the_page(site: Path) -> None:
    licences = (site / "runtime" / "LICENCES.txt").read_text(encoding="utf-8")
    for file in FILES:
        name, version = file.package.rsplit("@", 1)
        assert file.name in licences
        assert name in licences
        assert version in licences
    assert "Apache License" in (site / "runtime" / "tokenizers.LICENSE.txt").read_text(encoding="utf-8")
    assert (site / "runtime" / page_runtime.NOTICES).stat().st_size > 100_000


def test_what_runs_a_model_is_small(site: Path) -> None:
    loaded = [file for file in site.rglob("*") if file.is_file() and file.parts[-2] not in ("student", "teacher")]
    size = sum(file.stat().st_size for file in loaded if file.suffix != ".txt")  # as it is sent, without compression
    assert size < 4_000_000
    assert sum(file.stat().st_size for file in ASSETS.rglob("*") if file.is_file()) < 2_500_000


# -- the rest ------------------------------------------------------------------------------------------


def test_the_zip_holds_the_folder(site: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped_page(site))) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert archive.read("site/student/model.onnx") == b"no model."
    assert sorted(names) == sorted(f"site/{f.relative_to(site).as_posix()}" for f in site.rglob("*") if f.is_file())


def test_the_style_sheet_has_the_palettes_colours() -> None:
    style = (ASSETS / "page.css").read_text(encoding="utf-8")
    values = {name: re.findall(rf"--{name}: (#\w+)", style) for name in ("teacher", "student")}
    assert values == {"teacher": [palette.TEACHER], "student": [palette.STUDENT]}
    for name, colour in (("teacher", palette.TEACHER), ("student", palette.STUDENT)):
        light, dark = re.findall(rf"--{name}-words: (#\w+)", style)
        assert (light, dark) == (palette.readable(colour, "light"), palette.readable(colour, "dark"))
    assert re.findall(r"--ink: (#\w+)", style) == list(palette.INK.values())
    theme = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    for name in ("paper", "panel", "rule", "link", "accent"):
        assert all(colour in theme for colour in re.findall(rf"--{name}: (#\w+)", style)), name


def test_sizes_are_compared() -> None:
    assert page_words.megabytes(23_643_257) == "23.6 MB"
    assert page_words.megabytes(12_300) == "12.3 kB"
    assert page_words.labels_in_words(("a", "b", "c")) == "a, b or c"
    assert page_words.labels_in_words(tuple(map(str, range(40)))) == "one of 40 labels"
