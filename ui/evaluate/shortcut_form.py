"""The shortcut test: type a suspected word, and see whether the student mimics its teacher."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.spurious_cue import WORD
from labcore.data.tasks import Task
from labcore.evaluate.baselines import without_teacher
from labcore.evaluate.seed_groups import seed_group
from labcore.results.evaluation import FOLLOWS, HARM, MAX_WORD, ShortcutTest, Verdict
from labcore.results.run import Run
from labcore.views.evaluate.shortcut_chart import effects
from labcore.views.evaluate.shortcut_words import advice, shortcut_test_in_words
from labcore.views.words import percent
from ui.shell import state
from ui.shell.bound import typed
from ui.shell.chart import chart
from ui.shell.teacher_notes import show_not_opened

NOTICES: Mapping[Verdict, Callable[..., Any]] = {
    "not misled": st.success,
    "mimics": st.error,
    "misled by its texts": st.warning,
    "cannot tell": st.info,
}


def shortcut_form(run: Run, task: Task, finished: Sequence[Run]) -> None:
    """Draw a field for a word, and its effect on the student, the teacher and the no-teacher baseline."""
    st.header("Shortcut test: does a word mislead it?")
    st.caption(
        "A teacher may have learned that an uninformative word goes with a label. A student that copies the teacher's "
        "predictions then learns it, too. Name a word: the models predict validation examples without it and with it."
    )
    if not state.store().has_student(run.id):
        st.info("This run's student is no longer on disk, so you can't test it.", icon=":material/folder_off:")
        return
    if show_not_opened(run):
        return
    with st.form("shortcut", border=False):
        word = typed(
            st.text_input,
            "Suspected word",
            MAX_WORD,
            key="suspected",
            value=WORD if task.has_cue else "",
            placeholder="spielberg",
            help="The test removes it from the validation examples, then puts it into each at a random place. It "
            "needs no labels except those of the validation examples.",
        )
        submitted = st.form_submit_button("Test it", icon=":material/troubleshoot:")
    if word is None:
        return
    no_teacher = _no_teacher_run(run, finished)
    key = (run.id, no_teacher.id if no_teacher else None, word)
    if submitted:
        st.session_state.pop("shortcut_test", None)
        if (test := _run_test(run, word, no_teacher)) is not None:
            st.session_state.shortcut_test = (key, test)
    known = st.session_state.get("shortcut_test")
    if known is not None and known[0] == key:
        _show(known[1], run, task)


def _show(test: ShortcutTest, run: Run, task: Task) -> None:
    """Draw a verdict, what to try, and the figures."""
    words = shortcut_test_in_words(test, task.label_names)
    NOTICES[test.verdict](words, icon=":material/troubleshoot:")
    if what := advice(test):
        st.markdown(f"**What to try.** {what}")
    chart(effects(test), key="shortcut-test", height=300, alt=words.replace("*", ""))
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
    baselines = [other for other in seed_group(spec, finished).finished if state.store().has_student(other.id)]
    return min(baselines, key=lambda other: other.spec.distil.seed != run.spec.distil.seed, default=None)


def _run_test(run: Run, word: str, no_teacher: Run | None) -> ShortcutTest | None:
    """The shortcut test, with its progress; None after an error, which is drawn."""
    from labcore.runs.shortcut_test import shortcut_test_of  # imports torch

    work = shortcut_test_of(run, word, state.store(), no_teacher)
    bar = st.progress(0.0, "Predicting")
    try:
        while True:
            done, total = next(work)
            bar.progress(done / total, f"Pass {done} of {total}: each model without the word and with it")
    except StopIteration as end:
        test: ShortcutTest = end.value
        return test
    except SpecError as error:
        st.error(f"Not tested: {error}")
        return None
    finally:
        bar.empty()
