"""A word that is suspected to mislead a student: type it, and see whether the student mimics its teacher."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.spurious_cue import WORD
from labcore.data.tasks import Task
from labcore.evaluate.baselines import without_teacher
from labcore.evaluate.seed_groups import seed_group
from labcore.results.evaluation import FOLLOWS, HARM, MAX_WORD, ShortcutTest
from labcore.results.run import Run
from labcore.views.evaluate.shortcut_chart import advice, effects, shortcut_test_in_words
from labcore.views.words import percent
from ui.shell import state
from ui.shell.bound import typed
from ui.shell.chart import chart
from ui.shell.teacher_notes import show_not_opened


def shortcut_form(run: Run, task: Task, finished: Sequence[Run]) -> None:
    """The box, and what the word does to the student, to its teacher, and to the student without a teacher."""
    st.header("Does a word mislead it?")
    st.caption(
        "A teacher may have learned that a word goes with a label though it says nothing, and a student that copies its "
        "answers takes that over. Name a word: validation texts are read without it and with it."
    )
    if not state.store().has_student(run.id):
        st.info("This run's student is no longer on disk, so nothing can be asked of it.", icon=":material/folder_off:")
        return
    if show_not_opened(run):
        return
    with st.form("suspect", border=False):
        word = typed(
            st.text_input,
            "A word that you suspect",
            MAX_WORD,
            key="suspected",
            value=WORD if task.clean else "",
            placeholder="spielberg",
            help="It is taken out of the validation texts where it stands, and put into each at a random place. No label is "
            "needed beside those of the validation texts.",
        )
        asked = st.form_submit_button("Test it", icon=":material/troubleshoot:")
    if word is None:
        return
    alone = _alone(run, finished)
    key = (run.id, alone.id if alone else None, word)
    if asked:
        st.session_state.pop("shortcut_test", None)
        if (found := _measured(run, word, alone)) is not None:
            st.session_state.shortcut_test = (key, found)
    known = st.session_state.get("shortcut_test")
    if known is None or known[0] != key:
        return
    found = known[1]
    say = {"not misled": st.success, "mimics": st.error, "misled by its texts": st.warning, "cannot tell": st.info}
    words = shortcut_test_in_words(found, task.label_names)
    say[found.verdict](words, icon=":material/troubleshoot:")
    if what := advice(found):
        st.markdown(f"**What to try.** {what}")
    chart(effects(found), key="suspicion", height=300, alt=words.replace("*", ""))
    st.caption(
        f"{found.examples:,} validation texts three ways: *clean*, without the word; with it in the texts of the label that it pulls "
        "towards, where it *agrees*; with it in all others, where it *contradicts*. Shares are of all texts each time. The lab calls it "
        f"harm where surely more than {100 * HARM:g} points are lost, and mimicry where the teacher is harmed by it, too, and either the same student "
        f"taught without the teacher surely is not, or the student gives more than {percent(FOLLOWS)} of the wrong answers "
        "that the word makes the teacher give."
    )
    if found.no_teacher is None and without_teacher(run.spec):
        st.caption(
            "The same student taught without its teacher would tell whether the texts alone mislead it: run its "
            "baselines on the Distil page, then test again."
        )


def _alone(run: Run, finished: Sequence[Run]) -> Run | None:
    """A finished run of the same student without its teacher, of the same seed where there is one."""
    spec = without_teacher(run.spec)
    if spec is None:
        return None
    alike = [
        other
        for other in seed_group(spec, finished).finished
        if state.store().has_student(other.id)
    ]
    return min(alike, key=lambda other: other.spec.distil.seed != run.spec.distil.seed, default=None)


def _measured(run: Run, word: str, alone: Run | None) -> ShortcutTest | None:
    """The suspicion, with its progress; None after an error that was shown."""
    from labcore.runs.shortcut_test import shortcut_test_of

    work = shortcut_test_of(run, word, state.store(), alone)
    bar = st.progress(0.0, "Reading")
    try:
        while True:
            done, of = next(work)
            bar.progress(done / of, f"Reading {done} of {of}: student, teacher, with and without the word")
    except StopIteration as end:
        found: ShortcutTest = end.value
        return found
    except SpecError as error:
        st.error(f"It can't be tested: {error}")
        return None
    finally:
        bar.empty()
