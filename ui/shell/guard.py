"""No traceback on a page: an error in a page, fragment or callback becomes one sentence, with a way to go on.

Streamlit runs these three separately, so each has its own guard; a test checks that every callback and fragment is
guarded. `st.stop` and `st.rerun` end a run by a BaseException, which passes the guards.
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

from labcore.config.spec import Spec, SpecError
from labcore.runs.store import RunNotFound
from labcore.system.faults import reported, sentence
from labcore.system.home import default_home
from labcore.system.processor import device_error
from labcore.system.writable import home_error
from labcore.views import markdown
from ui.shell import server
from ui.shell.address import write_link
from ui.shell.owner import acts

P = ParamSpec("P")
R = TypeVar("R")
KEPT = "What you set is kept."
escaped = markdown.escaped


@contextmanager
def guarded_page() -> Iterator[None]:
    """Guard a page: an error becomes a sentence below what the page has drawn, and the address stays."""
    try:
        yield
    except FragmentHandledException:  # its fragment has shown the error
        pass
    except Exception as error:
        show(error, "a page", again="try-again")
        with suppress(Exception):  # before the session has begun, there is nothing to write
            write_link()


def fragment(draw: Callable[P, R]) -> Callable[P, R | None]:
    """Guard a function that is drawn as a fragment or dialog: an error becomes a sentence in its place."""

    @functools.wraps(draw)
    def safe(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            show_fault()  # of a control in the fragment, which Streamlit draws without its page
            return draw(*args, **kwargs)
        except FragmentHandledException:
            raise
        except Exception as error:
            show(error, f"{draw.__module__}.{draw.__name__}", again=f"try-again-{draw.__module__}")
            return None

    return safe


def callback(act: Callable[..., object]) -> Callable[..., None]:
    """Guard a widget's callback: an error becomes a sentence at the top of the page, in the next run."""

    @functools.wraps(act)
    def safe(*args: Any, **kwargs: Any) -> None:
        try:
            act(*args, **kwargs)
        except Exception as error:
            st.session_state.fault = _in_words(error, "a callback")

    return safe


def queued(*specs: Spec) -> str | None:
    """Queue these runs in order and return the last one's id; None, after an error, if they can't be."""
    run_id = None
    try:
        server.jobs().check(specs, acts().person.owner)
        for spec in specs:
            run_id = acts().submit(spec)
    except (OSError, SpecError) as error:
        show(error, "queueing a run", kept="No run was queued. " * (run_id is None) + KEPT)
        return None
    return run_id


def resumed(run_id: str) -> bool:
    """Queue a run that ended early to go on; False, after an error, if it can't."""
    try:
        acts().resume(run_id)
    except (OSError, SpecError, RunNotFound) as error:
        show(error, f"resuming run {run_id}", kept="The run stays as it is. " + KEPT)
        return False
    return True


def show(error: Exception, during: str, *, kept: str = KEPT, again: str | None = None) -> None:
    """Draw an error as one sentence. again: the key of a button that draws the page or fragment again."""
    st.error(_in_words(error, during, kept), icon=":material/error:")
    if again is not None:
        st.button("Try again", key=again, icon=":material/refresh:")


def show_fault() -> None:
    """Show, once, the error of the last callback."""
    if (words := st.session_state.pop("fault", None)) is not None:
        st.error(words, icon=":material/error:")
        st.toast("That failed: see the top of the page.", icon=":material/error:")


def show_home() -> None:
    """Show what is wrong with the home, as long as it lasts."""
    if (error := _home_error()) is None:
        return
    st.warning(
        f"**The lab cannot save runs or exercises.** {escaped(sentence(error, _home()))} "
        "Then the lab goes on without a restart.",
        icon=":material/hard_drive:",
    )


def show_device() -> None:
    """Show what is wrong with the chosen device. Whether it is there is known once torch is loaded."""
    if (error := device_error(torch_loaded=server.jobs().loaded)) is not None:
        st.warning(
            f"**The lab cannot train or evaluate.** {escaped(str(error))}. Then restart the lab.",
            icon=":material/memory:",
        )


def _in_words(error: Exception, during: str, kept: str = KEPT) -> str:
    """The error as a sentence in Markdown; its details go to the log."""
    return escaped(reported(error, _home(), during, _home(), kept))


def _home() -> Path:
    try:
        return server.store().home
    except Exception:  # the queue itself cannot start
        return default_home()


def _home_error() -> OSError | None:
    try:
        return server.store().fault()
    except Exception:  # the queue itself cannot start
        return home_error(default_home())


class _WithoutTraceback(logging.Filter):
    """Turn what Streamlit prints with a traceback into one line; the details go to the log."""

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
    if not any(type(each).__name__ == _WithoutTraceback.__name__ for each in _logger.filters):
        _logger.addFilter(_WithoutTraceback())
