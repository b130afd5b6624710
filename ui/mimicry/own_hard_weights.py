"""Hard weights on your own cued data: the teachers that learned the cue, the sweep over their students, its figure."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.config.spec import SpecError
from labcore.data.own.data_summary import DataSummary
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.reference import ReferenceResults
from labcore.results.events import ConditionAccuracy
from labcore.results.run import FinishedRun
from labcore.runs.own_sweep import MAX_SEEDS, hard_weight_sweep, seeds_begun, sweep_runs
from labcore.teacher.own_teachers import OwnTeacher
from labcore.views.markdown import escaped, unbroken
from labcore.views.mimicry.mimicry_chart import by_hard_weight
from labcore.views.mimicry.mimicry_words import hard_weight_table, mimicry_in_words
from labcore.views.words import percent
from ui.mimicry.hard_weights import explain_after
from ui.shell import on_show, server
from ui.shell.chart import chart
from ui.shell.listed import listed_teachers
from ui.shell.sweep_bar import sweep_bar

CHART = 320  # pixels


def own_hard_weights(cued: Sequence[DataSummary]) -> None:
    """Draw the cued data sets, and for one of their teachers the sweep over hard weights."""
    if not cued:
        return
    by_task = {each.task: each for each in cued}
    teachers = [each for each in listed_teachers() if each.task in by_task]
    st.markdown("\n".join(f"- {_in_words(each, teachers)}" for each in cued))
    with_teacher = {each.task for each in teachers}
    without = [each for each in cued if each.task not in with_teacher]
    if without and st.button("Make its teacher", key="cue-teacher", icon=":material/school:"):
        on_show.show_data(without[0].task)
        st.switch_page("pages/data.py")
    if teachers:
        _sweep(teachers, by_task)


def _in_words(data: DataSummary, teachers: Sequence[OwnTeacher]) -> str:
    assert data.cue is not None
    made = sum(each.task == data.task for each in teachers)
    many = "no teacher yet" if not made else "1 teacher" if made == 1 else f"{made} teachers"
    return (
        f"**{escaped(data.name)}**: “{data.cue.word}” goes with the label {escaped(data.label_names[data.cue.label])} "
        f"at {percent(data.cue.strength or 0.0)}; {many}"
    )


def _sweep(teachers: Sequence[OwnTeacher], by_task: dict[str, DataSummary]) -> None:
    titles = {each.name: f"{each.title} · {by_task[each.task].name}" for each in teachers}
    asking, counting = st.columns([3, 1], vertical_alignment="bottom")
    teacher = asking.selectbox("Teacher", list(titles), key="own-cued-teacher", format_func=titles.__getitem__)
    data = by_task[next(each.task for each in teachers if each.name == teacher)]
    with st.spinner("Loading torch, once…", show_time=True):
        server.jobs().wait_until_loaded()
    try:
        specs = hard_weight_sweep(teacher)
    except SpecError as error:
        st.error(f"No sweep: {escaped(str(error))}.", icon=":material/error:")
        return
    runs = server.store().runs()
    seeds = counting.number_input(
        "Seeds",
        1,
        MAX_SEEDS,
        min(MAX_SEEDS, max(1, seeds_begun(specs, runs))),
        key=f"cue-seeds-{teacher}",
        help="Runs of each hard weight. One shows no interval.",
    )
    now = sweep_runs(specs, int(seeds), runs)
    sweep_bar(now, "hard-weights")
    _figure(teacher, now.finished, data)


def _figure(teacher: str, finished: Sequence[FinishedRun], data: DataSummary) -> None:
    store = server.store()
    along = {
        run.id: tuple(event for event in store.events(run.id) if isinstance(event, ConditionAccuracy))
        for run in finished
    }
    own = ReferenceResults(name="mimicry", machine="", date="", command="", runs=tuple(finished), conditions=along)
    groups = hard_weight_groups(own, teacher)
    if not groups:
        st.info("The figure appears here with the first finished run.", icon=":material/theater_comedy:")
        return
    assert data.cue is not None
    label = escaped(data.label_names[data.cue.label])
    words = mimicry_in_words(groups, f"every test example has it but those of the label {label}")
    chart(by_hard_weight(groups), key="own-hard-weights", height=CHART, alt=words.replace("*", "").replace("\\", ""))
    explain_after()
    st.markdown(unbroken(words))
    with st.expander("The figures of your own data as a table", icon=":material/table:"):
        st.dataframe(hard_weight_table(groups), hide_index=True, key="own-hard-weight-table")
