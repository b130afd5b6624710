"""No traceback on a page: what a page, a fragment or a callback raises is one sentence, with a way to go on.

Streamlit runs these three apart from one another, so each has a guard of its own; `tests/test_faults.py` holds that every
callback and fragment is guarded. Streamlit's own ways to end a run (`st.stop`, `st.rerun`) are no Exceptions, and pass.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.errors import FragmentHandledException

from labcore.config.spec import Spec
from labcore.runs.store import default_home
from labcore.system.faults import fault_of, reported
from labcore.system.writable import home_error
from labcore.views import markdown
from ui.shell import state
from ui.shell.address import write_link

P = ParamSpec("P")
R = TypeVar("R")
KEPT = "What you set is kept."
escaped = markdown.escaped


@contextmanager
def guarded_page() -> Iterator[None]:
    """Around all that a page does: an error is a sentence below what was drawn, and the address stays."""
    try:
        yield
    except FragmentHandledException:  # its fragment has said so
        pass
    except Exception as error:
        show(error, "a page", again="try-again")
        with suppress(Exception):  # a session that has not begun has nothing to write
            write_link()


def fragment(draw: Callable[P, R]) -> Callable[P, R | None]:
    """A function that is drawn as a fragment or dialog: an error is a sentence in its place."""

    @functools.wraps(draw)
    def safe(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            show_fault()  # of a control in it: then it is drawn without its page
            return draw(*args, **kwargs)
        except FragmentHandledException:
            raise
        except Exception as error:
            show(error, f"{draw.__module__}.{draw.__name__}", again=f"try-again-{draw.__module__}")
            return None

    return safe


def callback(act: Callable[..., object]) -> Callable[..., None]:
    """What a widget calls when it is used: an error is a sentence at the top of the page that is drawn next."""

    @functools.wraps(act)
    def safe(*args: Any, **kwargs: Any) -> None:
        try:
            act(*args, **kwargs)
        except Exception as error:
            st.session_state.fault = _said(error, "a callback")

    return safe


def queued(*specs: Spec) -> str | None:
    """Queue these runs in order, and return the id of the last; None, after a sentence here, if the home can't take them."""
    run_id = None
    try:
        for spec in specs:
            run_id = state.jobs().submit(spec)
    except OSError as error:
        show(error, "queueing a run", kept="No run was queued. " * (run_id is None) + KEPT)
        return None
    return run_id


def show(error: Exception, during: str, *, kept: str = KEPT, again: str | None = None) -> None:
    """Draw an error as one sentence. again: the key of a button that draws the page or fragment once more."""
    st.error(_said(error, during, kept), icon=":material/error:")
    if again is not None:
        st.button("Try again", key=again, icon=":material/refresh:")


def show_fault() -> None:
    """Tell, once, what went wrong when a control was used."""
    if (said := st.session_state.pop("fault", None)) is not None:
        st.error(said, icon=":material/error:")
        st.toast("That was not done: see the top of the page.", icon=":material/error:")


def show_home() -> None:
    """Tell what is wrong with the home, as long as it is."""
    if (error := home_error(_home())) is None:
        return
    fault = fault_of(error, _home())
    assert fault is not None
    st.warning(
        f"**No run and no exercise can be kept.** {escaped(f'{fault.happened} {fault.remedy}')} Once that is mended, the lab "
        "goes on without a restart.",
        icon=":material/hard_drive:",
    )


def _said(error: Exception, during: str, kept: str = KEPT) -> str:
    """The sentence, in Markdown, after the details went to the log."""
    return escaped(reported(error, _home(), during, _home(), kept))


def _home() -> Path:
    try:
        return state.store().home
    except Exception:  # the queue itself can't start
        return default_home()


class _ToTheLog(logging.Filter):
    """What Streamlit would print with a traceback: the details go to the log, a line to the terminal."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Exception):
            record.msg = f"{record.getMessage()}: {reported(error, default_home(), 'Streamlit')}"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


for _name in (
    "error_util",
    "runtime.backend_operation_handler",
    "runtime.scriptrunner.script_runner",
    "runtime.fragment",
):
    _logger = logging.getLogger(f"streamlit.{_name}")
    if not any(type(each).__name__ == _ToTheLog.__name__ for each in _logger.filters):
        _logger.addFilter(_ToTheLog())
