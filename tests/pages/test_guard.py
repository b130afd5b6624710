"""What goes wrong on a page, in a fragment or in a callback is a sentence there, and no traceback."""

from __future__ import annotations

import ast
import errno
import logging
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.spec import DistilConfig, Spec
from labcore.runs.store import Store
from tests.shared.faults import breaking, raised, system
from tests.shared.pages import app
from tests.shared.runs import PAIR, STEP
from tests.shared.source_files import FILES, ROOT, module_of
from ui.shell import guard, state

KINDS = [
    (lambda: system(errno.ENOSPC, "/a/b"), r"The disk is full: /a/b can't be written. What you set is kept."),
    (lambda: MemoryError(), "The computer has run out of memory. What you set is kept."),
    (lambda: KeyError("x"), "The lab met an error that it did not foresee: KeyError: 'x'. What you set is kept."),
]


def said_on(test: AppTest) -> str:
    """The one error on the page, as a person reads it; no traceback."""
    assert not test.exception
    [error] = test.error
    return str(error.value).replace("\\", "")


@pytest.mark.parametrize(("make", "words"), KINDS, ids=["disk", "memory", "unforeseen"])
def test_a_page_that_fails_says_so_and_goes_on_when_asked(make: Callable[[], Exception], words: str) -> None:
    link = Spec(distil=DistilConfig(temperature=7.0)).to_json()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.shell.tour.tour_invitation", breaking(make))
        test = app("start", link)
        assert words in said_on(test)
        assert test.query_params["spec"] == link
    test.button(key="try-again").click().run()
    assert not test.error
    assert not test.exception


@pytest.mark.parametrize(("make", "words"), KINDS, ids=["disk", "memory", "unforeseen"])
def test_a_fragment_that_fails_says_so_in_its_place(make: Callable[[], Exception], words: str) -> None:
    store = Store()
    run = store.create(Spec())
    store.update(run, "running", counts=PAIR)
    store.append(run, STEP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.distil.run_bar.progress", breaking(make))
        test = app("distil", run=run)
        assert words in said_on(test)
        assert test.button(key="distil")  # the page around it is whole
    test.run()
    assert not test.error


@pytest.mark.parametrize(("make", "words"), KINDS, ids=["disk", "memory", "unforeseen"])
def test_a_callback_that_fails_says_so_on_the_page_that_follows(make: Callable[[], Exception], words: str) -> None:
    test = app("distil", Spec())
    test.slider(key="hard").set_value(0.5).run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "undo", breaking(make))
        test.run()
        test.button(key="undo").click().run()
        assert words in said_on(test)
    test.run()
    assert not test.error


def test_a_widget_that_can_not_be_kept_says_so_and_shows_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    test = app("distil", Spec())
    before = test.slider(key="hard").value
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.shell.bound.with_distil", breaking(KINDS[0][0]))
        patch.setattr("ui.distil.loss_form.with_distil", breaking(KINDS[0][0]))
        test.slider(key="hard").set_value(0.5).run()
        assert "disk is full" in said_on(test)
    assert test.slider(key="hard").value == before


def test_an_error_is_shown_without_markdown() -> None:
    assert guard.escaped("__init__ [a](b) $x$ `y` :red[z]") == r"\_\_init\_\_ \[a\]\(b\) \$x\$ \`y\` \:red\[z\]"


PAGES = [file for file in FILES if file.relative_to(ROOT).parts[0] in ("ui", "pages")]
GUARDED = {"on_click", "on_change", "on_select"}


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.relative_to(ROOT).parts[0] in ("ui", "pages")], ids=module_of
)
def test_every_callback_and_every_fragment_is_guarded(file: Path) -> None:
    def guarded(node: ast.expr, by: str) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == by

    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in GUARDED and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value in ("ignore", "rerun")
                ):
                    assert guarded(keyword.value, "callback"), f"{file}:{node.lineno}: write callback(…) around it"
            if ast.unparse(node.func) == "st.fragment":
                assert guarded(node.args[0], "fragment"), f"{file}:{node.lineno}: write fragment(…) around it"
        if isinstance(node, ast.FunctionDef):
            names = [ast.unparse(each).split("(")[0] for each in node.decorator_list]
            if {"st.fragment", "st.dialog"} & set(names):
                assert names[-1] == "fragment", f"{file}:{node.lineno}: write @fragment below {names[0]}"


def test_streamlits_own_handler_shows_neither_traceback_nor_links() -> None:
    """For an error outside every guard, such as in app.py's imports."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["showErrorLinks"] is False
    assert config["logger"]["enableRich"] is False


def test_what_streamlit_would_print_is_a_line_and_the_details_are_in_the_log(
    lab_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("streamlit.error_util").error("Uncaught app execution", exc_info=raised(KeyError("x")))
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed
    assert "Traceback" in (lab_home / "lab.log").read_text()
