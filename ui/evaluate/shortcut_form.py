"""The shortcut test: type a suspected word, and see whether the student mimics its teacher."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.tasks import Task
from labcore.evaluate.baselines import without_teacher
from labcore.evaluate.seed_groups import seed_group
from labcore.results.evaluation import FOLLOWS, HARM, MAX_WORD, ShortcutTest, Verdict
from labcore.results.run import Run
from labcore.views.evaluate.shortcut_chart import effects
from labcore.views.evaluate.shortcut_words import advice, shortcut_test_in_words
from labcore.views.markdown import unbroken
from labcore.views.words import percent
from ui.shell import server
from ui.shell.attention import bring_into_view
from ui.shell.bound import typed
from ui.shell.chart import chart
from ui.shell.guard import callback
from ui.shell.teacher_notes import show_not_opened

TESTING = "testing-word"  # the word in test, in the session, so that a second press does not begin it again
RESULT = "shortcut-result"  # the container of the verdict and its chart
CHART = 300  # pixels
AWAITED = "A test draws here what the word does to the accuracy of each model, and the verdict above it."
NOTICES: Mapping[Verdict, Callable[..., Any]] = {
    "not misled": st.success,
    "mimics": st.error,
    "misled by its texts": st.warning,
    "cannot tell": st.info,
}


def shortcut_form(run: Run, task: Task, finished: Sequence[Run]) -> None:
    """Draw a field for a word, and its effect on the student, the teacher and the no-teacher baseline."""
    st.header("Shortcut test: does a word mislead it?", anchor="shortcut-test")
    st.caption(
        "A teacher may have learned that an uninformative word goes with a label. A student that copies the teacher's "
        "predictions then learns it, too. Name a word: the models predict validation examples without it and with it."
    )
    if not server.store().has_student(run.id):
        st.info("This run's student is no longer on disk, so you can't test it.", icon=":material/folder_off:")
        return
    if show_not_opened(run):
        return
    asking, showing = st.columns([4, 8], gap="large")
    with asking:
        word = _ask(task)
    with showing:
        _result(run, task, word, _no_teacher_run(run, finished))


def _ask(task: Task) -> str | None:
    """Draw the form and return the word in it, None if it is too long. Nothing can be submitted during a test."""
    with st.form("shortcut", border=False):
        word = typed(
            st.text_input,
            "Suspected word",
            MAX_WORD,
            key="suspected",
            value=task.cue.word if task.has_cue else "",
            placeholder="one word, such as a name",
            help="The test removes it from the validation examples, then puts it into each at a random place"
            + (", in the first text of the pair. " if task.pairs else ". ")
            + "It needs no labels except those of the validation examples.",
        )
        st.form_submit_button(
            "Test it",
            key="test-word",
            icon=":material/troubleshoot:",
            disabled=TESTING in st.session_state,
            on_click=callback(_begin),
        )
    return word


def _begin() -> None:
    st.session_state[TESTING] = st.session_state["suspected"]
    bring_into_view(RESULT)


def _result(run: Run, task: Task, word: str | None, no_teacher: Run | None) -> None:
    """Draw the result for this word; the progress of its test, if it has begun; or what a test will show."""
    key = (run.id, no_teacher.id if no_teacher else None, word)
    known = st.session_state.get("shortcut_test")
    with st.container(key=RESULT):
        if TESTING in st.session_state:
            if word is not None and st.session_state[TESTING] == word and (known is None or known[0] != key):
                st.session_state.pop("shortcut_test", None)
                if (test := _run_test(run, word, no_teacher)) is None:
                    return
                st.session_state.shortcut_test = (key, test)
                bring_into_view(RESULT)
            del st.session_state[TESTING]
            st.rerun()  # draws the button enabled again
        if known is None or known[0] != key:
            chart(None, key="shortcut-test", height=CHART, alt="No word tested yet", awaits=AWAITED)
            return
        _show(known[1], task)
    _explain(known[1], run)


def _show(test: ShortcutTest, task: Task) -> None:
    """Draw a verdict and the figures."""
    words = shortcut_test_in_words(test, task.label_names)
    NOTICES[test.verdict](unbroken(words), icon=":material/troubleshoot:")
    chart(effects(test), key="shortcut-test", height=CHART, alt=words.replace("*", "").replace("\\", ""))


def _explain(test: ShortcutTest, run: Run) -> None:
    """Draw what to try, and how the verdict follows from the figures."""
    if what := advice(test):
        st.markdown(f"**What to try.** {what}")
    st.caption(
        f"{test.examples:,} validation examples under three conditions. *Clean*: without the word. *Agrees*: with it "
        "in the examples of the label that it favours. *Contradicts*: with it in all others. Accuracies are over all "
        "examples."
    )
    st.caption(
        f"Harm is a loss significantly above {100 * HARM:g} points if the word contradicts the label. A student "
        "mimics if the word harms its teacher, too, and one of two things holds. Either it spares the "
        f"no-teacher baseline, or the student repeats more than {percent(FOLLOWS)} of the wrong predictions that the "
        "word causes in the teacher."
    )
    if test.no_teacher is None and without_teacher(run.spec):
        st.caption(
            "The no-teacher baseline would show whether the examples alone mislead the student. Run the baselines on "
            "the *Distil* page, then test again."
        )


def _no_teacher_run(run: Run, finished: Sequence[Run]) -> Run | None:
    """A finished run of the no-teacher baseline, of the same seed if there is one."""
    spec = without_teacher(run.spec)
    if spec is None:
        return None
    baselines = [other for other in seed_group(spec, finished).finished if server.store().has_student(other.id)]
    return min(baselines, key=lambda other: other.spec.distil.seed != run.spec.distil.seed, default=None)


def _run_test(run: Run, word: str, no_teacher: Run | None) -> ShortcutTest | None:
    """The shortcut test, with its progress; None after an error, which is drawn."""
    from labcore.runs.shortcut_test import shortcut_test_of  # imports torch

    work = shortcut_test_of(run, word, server.store(), no_teacher)
    bar = st.progress(0.0, "Predicting")
    try:
        while True:
            done, total = next(work)
            bar.progress(done / total, f"Pass {done} of {total}: each model without the word and with it")
    except StopIteration as end:
        test: ShortcutTest = end.value
        return test
    except Exception as error:  # an interruption by the next run of the page is none; the test then begins again
        del st.session_state[TESTING]
        if not isinstance(error, SpecError):
            raise
        st.error(f"Not tested: {error}")
        return None
    finally:
        bar.empty()
