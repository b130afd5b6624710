"""Make a teacher: the settings of a fine-tuning, how long it will take, and the button that queues it."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from labcore.config.finetuning import MAX_EPOCHS, RATES, FineTuning, Method
from labcore.config.spec import SpecError
from labcore.data.tasks import load_task, task_title
from labcore.results.run import MAX_NAME
from labcore.runs.time_estimate import making_time
from labcore.views.data.teacher_words import METHODS, plan_in_words
from labcore.views.words import rough_duration
from ui.shell import server
from ui.shell.attention import bring_into_view
from ui.shell.bound import typed
from ui.shell.guard import escaped, show
from ui.shell.owner import acts, mine
from ui.shell.queue_notes import show_refusal

MAKING = "making"  # the container of the teacher that is being made


def make_form(task: str) -> None:
    """Draw the form; a press of its button queues the fine-tuning."""
    st.markdown(
        "The lab's pre-trained MiniLM (6 layers, 22.7 million parameters, English) is fine-tuned on the training "
        "split. The checkpoint with the best validation accuracy is kept, and measured on the test split."
    )
    title = typed(
        st.text_input, "Name of the teacher", MAX_NAME, key=f"make-title-{task}", value=_first_title(task),
        help="Everybody who uses this lab sees it.",
    )  # fmt: skip
    method: Method = st.segmented_control(
        "Method",
        get_args(Method),
        default="lora",
        key="make-method",
        format_func=METHODS.__getitem__,
        required=True,
        help="LoRA trains thin factors beside each encoder matrix, and merges them at the end. Full fine-tuning trains "
        "all weights.",
    )
    with st.expander("More settings", icon=":material/tune:"):
        examples = len(load_task(task).splits["train"])
        usual = FineTuning(task=task, method=method).epochs_for(examples)
        epochs = st.number_input(
            "Epochs", 1, MAX_EPOCHS, usual, key=f"make-epochs-{task}",
            help="How often each training example is read. The default depends on the number of examples.",
        )  # fmt: skip
        batch = st.select_slider("Batch size", (8, 16, 32, 64), 16, key="make-batch")
        rate = st.number_input(
            "Highest learning rate", 1e-6, 1e-2, RATES[method], step=1e-5, format="%.6f", key=f"make-rate-{method}"
        )
        seed = st.number_input("Seed", 0, 10_000, 0, key="make-seed")
    config = FineTuning(
        task=task,
        method=method,
        epochs=int(epochs),
        batch_size=int(batch),
        learning_rate=None if rate == RATES[method] else float(rate),
        seed=int(seed),
    )
    time = rough_duration(making_time(config).seconds)
    st.caption(f":material/schedule: {plan_in_words(config, examples)}: about {time} on two processor cores.")
    refused = show_refusal(config)
    icon = ":material/school:"
    if st.button("Make a teacher", key="make", type="primary", icon=icon, disabled=title is None or refused):
        assert title is not None
        if _queue(title, config):
            bring_into_view(MAKING)
            st.rerun()


def _queue(title: str, config: FineTuning) -> bool:
    """Queue the fine-tuning, once: a second press adds nothing while the first one's teacher is being made."""
    try:
        every = server.jobs().teachers.all()
        if any(each.active and each.finetuning == config and mine(each.owner) for each in every):
            st.toast("This teacher is being made already.", icon=":material/school:")
            return True
        acts().make_teacher(title, config)
    except SpecError as error:
        st.error(f"Not queued: {escaped(str(error))}.")
        return False
    except OSError as error:
        show(error, "queueing a teacher", kept="No teacher was queued.")
        return False
    return True


def _first_title(task: str) -> str:
    return f"{task_title(task)} teacher"[:MAX_NAME].strip()
