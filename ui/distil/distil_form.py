"""The controls of the Distil page: the loss, the length, the examples and the optimiser, the rarer ones folded away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from labcore.config.ineffective import prunes_last
from labcore.config.spec import DistilConfig, Spec
from labcore.config.training import MAX_TRANSFER
from labcore.data.tasks import task_title, transfer_set_of
from labcore.views.distil.formula import sum_in_words
from ui.distil.balance import balance
from ui.distil.length_form import length_form
from ui.distil.loss_form import MORE, loss_form, more_terms_form, schedule_form
from ui.shell import state
from ui.shell.bound import bound, with_distil
from ui.shell.notes import show_ineffective

REGULARISERS = ("dropout", "weight_decay", "embeddings", "gradual", "patience")
RATES = (0.0, 5e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3)  # 0 stands for the default of the student's start


def distil_form(spec: Spec) -> None:
    """Every setting of the training configuration."""
    config = spec.distil
    loss_form(config)
    show_ineffective(spec, ("distil.temperature",))
    st.caption(sum_in_words(config))
    balance(spec)
    length_form(config)
    folded: tuple[tuple[str, str, tuple[str, ...], Callable[[], None]], ...] = (
        (
            "More loss terms",
            "add_circle",
            (*(term.name for term in MORE), "hidden_at", "layer_map"),
            lambda: more_terms_form(config),
        ),
        ("Schedule", "trending_up", ("schedule", "final"), lambda: schedule_form(config)),
        ("Training examples", "menu_book", ("transfer",), lambda: _examples_form(spec)),
        ("Regularisation, early stopping", "spa", REGULARISERS, lambda: _regularise_form(spec)),
        (
            "Batch, learning rate, seed",
            "tune",
            ("batch_size", "learning_rate", "seed"),
            lambda: _optimiser_form(config),
        ),
    )
    for title, icon, controls, form in folded:
        if not all(state.hidden(f"distil.{name}") for name in controls):
            with st.expander(title, icon=f":material/{icon}:", type="compact"):
                form()
            # Outside the expander, because nobody opens it to look for a warning.
            show_ineffective(spec, [f"distil.{name}" for name in controls])
    show_ineffective(spec, ("distil.start",))


def _examples_form(spec: Spec) -> None:
    transfer, transfer_set = spec.distil.transfer, transfer_set_of(spec.task)
    if transfer_set is None and not transfer:
        title = task_title(spec.task)
        st.caption(f"The student trains on the training split of `{title}`. This task has no transfer set.")
        return
    bound(
        st.select_slider,
        "transfer",
        transfer,
        lambda count: with_distil(transfer=count),
        control="distil.transfer",
        label="Transfer examples in each epoch",
        options=sorted({*range(0, MAX_TRANSFER + 1, 5000), transfer}),
        format_func=lambda count: f"{count:,}",
        help="A transfer set has no labels, so every loss term but the hard one applies. The teacher gives targets "
        "for any example, so you can train on many more than the labelled ones.",
    )
    if transfer_set is not None:
        st.caption(
            f"{transfer_set.about} None of the task's own examples is among them. The teacher's targets for them are "
            "computed before the first training, and cached."
        )


def _regularise_form(spec: Spec) -> None:
    config = spec.distil
    bound(
        st.select_slider,
        "dropout",
        config.dropout,
        lambda rate: with_distil(dropout=rate),
        control="distil.dropout",
        label="Dropout",
        options=sorted({0.0, 0.05, 0.1, 0.2, 0.3, 0.5, config.dropout}),
        format_func=lambda rate: f"{rate:g}",
        help="The fraction of activations that each training step sets to zero, so that the student relies on none "
        "of them. Distillation regularises as well, so a student often needs no dropout.",
    )
    bound(
        st.select_slider,
        "weight_decay",
        config.weight_decay,
        lambda decay: with_distil(weight_decay=decay),
        control="distil.weight_decay",
        label="Weight decay",
        options=sorted({0.0, 0.001, 0.01, 0.05, 0.1, config.weight_decay}),
        format_func=lambda decay: f"{decay:g}",
        help="Each step shrinks all weights except the word embeddings by this times the learning rate (AdamW).",
    )
    bound(
        st.toggle,
        "train-embeddings",
        config.embeddings,
        lambda on: with_distil(embeddings=on),
        control="distil.embeddings",
        label="Train the word embeddings",
        help="If this is off, they stay as they were derived. They are most of a small BERT's parameters.",
    )
    if config.gradual or prunes_last(spec):
        bound(
            st.toggle,
            "gradual",
            config.gradual,
            lambda on: with_distil(gradual=on),
            control="distil.gradual",
            label="Prune gradually",
            help="The student starts dense. It is pruned in the first 60 % of the training, fast at first, and "
            "recovers in the rest. If this is off, it starts with all its zeros.",
        )
    patience = config.patience or 0
    bound(
        st.select_slider,
        "patience",
        patience,
        lambda n: with_distil(patience=n or None),
        control="distil.patience",
        label="Stop early (patience)",
        options=sorted({0, 1, 2, 3, 4, 5, 6, 8, 10, patience}),
        format_func=lambda n: f"after {n} without gain" if n else "never",
        help="The training ends after this number of validations in a row without a better student. The best student "
        "is kept in any case. A training has 4 to 20 validations.",
    )


def _optimiser_form(config: DistilConfig) -> None:
    bound(
        st.select_slider,
        "batch_size",
        config.batch_size,
        lambda size: with_distil(batch_size=size),
        control="distil.batch_size",
        label="Batch size",
        options=sorted({8, 16, 32, 64, 128, config.batch_size}),
    )
    bound(
        st.selectbox,
        "learning_rate",
        config.learning_rate or 0.0,
        lambda rate: with_distil(learning_rate=rate or None),
        control="distil.learning_rate",
        label="Learning rate",
        options=sorted({*RATES, config.learning_rate or 0.0}),
        format_func=lambda rate: f"{rate:g}" if rate else "default for the student's start",
    )
    bound(
        st.number_input,
        "seed",
        config.seed,
        lambda seed: with_distil(seed=int(seed)),
        control="distil.seed",
        label="Seed",
        min_value=0,
        step=1,
        help="Fixes every random choice: on one machine the same spec gives the same student, unless its length is "
        "in seconds.",
    )
