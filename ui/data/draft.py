"""A file on its way to a data set: its bytes, how it is read, and what it holds.

It lives in the session. The home keeps the file and how it is read for a while. The address names it, so a reload of
the page goes on with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from labcore.config.checks import SpecError
from labcore.data.own.columns import Columns
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_set import DataSet, make_data_set, report_of
from labcore.data.own.draft_store import keep_draft, load_draft, note_choice, remove_draft
from labcore.data.own.file_format import FileFormat, guess_format
from labcore.data.own.limits import MAX_NAME, TOKENS, DataError
from labcore.data.own.table import Table, read_table
from labcore.system.host import give_back_memory
from ui.shell import on_show
from ui.shell.owner import owner, person

if TYPE_CHECKING:
    from labcore.data.own.token_report import TokenReport

Value = TypeVar("Value")
DRAFT, REFUSED = "data_draft", "data_refused"


@dataclass(frozen=True)
class Chosen:
    """How a file becomes examples. leave_out_small: whether classes with too few examples are left out."""

    file_format: FileFormat
    columns: Columns
    leave_out_small: bool = False


@dataclass
class Draft:
    """name: of the file. guessed: how to read it. columns: those that were chosen before a reload; None to guess them.

    Each result is kept until what it depends on changes.
    """

    name: str
    content: bytes
    guessed: FileFormat
    columns: Columns | None = None
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """A short hash of the content, for the keys of widgets."""
        return hashlib.sha256(self.content).hexdigest()[:8]

    def table(self, file_format: FileFormat) -> Table:
        """The table, read in this way. Raises DataError."""
        return self._once("table", file_format, lambda: read_table(self.content, file_format))

    def report(self, chosen: Chosen) -> DataReport:
        """What the data set would hold. Raises DataError."""
        table = self.table(chosen.file_format)
        return self._once(
            "report", chosen, lambda: report_of(table, chosen.columns, leave_out_small=chosen.leave_out_small)
        )

    def made(self, chosen: Chosen, max_tokens: int) -> tuple[DataSet, DataReport]:
        """The data set, under the file's name, and its report. Raises DataError if the report has a problem."""
        table = self.table(chosen.file_format)

        def work() -> tuple[DataSet, DataReport]:
            return make_data_set(
                table,
                chosen.columns,
                self.title,
                max_tokens=max_tokens,
                leave_out_small=chosen.leave_out_small,
            )

        return self._once("made", (chosen, max_tokens), work)

    def tokens(self, chosen: Chosen, limit: int) -> TokenReport:
        """Token lengths in the tokens of the lab's MiniLM. Raises DataError if the report has a problem."""
        from labcore.data.own.token_report import token_report  # imports transformers
        from labcore.teacher.load import load_tokenizer

        splits = self.made(chosen, TOKENS[1])[0].splits
        return self._once(f"tokens {limit}", chosen, lambda: token_report(splits, load_tokenizer(), limit))

    def note(self, chosen: Chosen) -> None:
        """Keep how the file is read for after a reload, as far as the home allows it."""

        def work() -> None:
            if (draft_id := on_show.draft_id()) is not None:
                with suppress(OSError):
                    note_choice(draft_id, self.name, chosen.file_format, chosen.columns, person=person())

        self._once("noted", chosen, work)

    def suggested(self, chosen: Chosen) -> int:
        """The token limit for these examples. Raises DataError if the report has a problem."""
        return self.tokens(chosen, TOKENS[1]).suggested

    def with_token_warnings(self, report: DataReport, chosen: Chosen, limit: int) -> DataReport:
        """The report with the warnings about tokens. Raises DataError if the report has a problem."""
        from labcore.data.own.token_report import with_token_warnings

        return with_token_warnings(report, self.tokens(chosen, limit))

    @property
    def title(self) -> str:
        """A name for the data set: the file's without its ending, as far as a name can go."""
        return (self.name.rsplit(".", 1)[0].strip() or self.name)[:MAX_NAME]

    def _once(self, what: str, key: Any, work: Callable[[], Value]) -> Value:
        if what not in self._kept or self._kept[what][0] != key:
            self._kept[what] = (key, work())
            give_back_memory()
        value: Value = self._kept[what][1]
        return value


def draft() -> Draft | None:
    """The session's draft, or that of the address; None if there is none."""
    draft_id = on_show.draft_id()
    if DRAFT not in st.session_state and draft_id is not None:
        _reopen(draft_id)
    now: Draft | None = st.session_state.get(DRAFT)
    return now


def begin_draft(name: str, content: bytes) -> None:
    """Make a draft of a file; if it can't be one, note why."""
    drop_draft()
    try:
        st.session_state[DRAFT] = Draft(name=name, content=content, guessed=guess_format(content, name))
    except DataError as error:
        st.session_state[REFUSED] = f"“{name}” was not taken: {error}."
    else:
        with suppress(OSError):  # the session has it; only a reload would lose it
            on_show.go_on_with_draft(keep_draft(name, content, owner=owner()))
    give_back_memory()


def drop_draft() -> None:
    """Forget the draft and its bytes, here and in the home."""
    st.session_state.pop(DRAFT, None)
    st.session_state.pop(REFUSED, None)
    if (draft_id := on_show.draft_id()) is not None:
        remove_draft(draft_id, person=person())
        on_show.go_on_with_draft(None)


def _reopen(draft_id: str) -> None:
    """Go on with the draft of the address; if that is not possible, note why."""
    try:
        kept = load_draft(draft_id, person=person())
        made = kept.file_format or guess_format(kept.content, kept.name)
        st.session_state[DRAFT] = Draft(name=kept.name, content=kept.content, guessed=made, columns=kept.columns)
    except SpecError as error:
        on_show.go_on_with_draft(None)
        st.session_state[REFUSED] = f"Not opened: {error}."
