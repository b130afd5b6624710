"""Which functions of the stores write and which only read: for the check of pages, and for the table of faults."""

from __future__ import annotations

from types import ModuleType

from labcore.data.own import data_store, draft_store
from labcore.exercise import attempt_store, owner_removal
from labcore.owners.owner_table import OwnerTable
from labcore.runs import bring_teacher, journals
from labcore.runs.entry_table import EntryTable
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.search.search_files import SearchFiles
from labcore.search.search_queue import SearchQueue

# The verbs of each store: what writes, and what only reads. A new one stands in neither, and fails the test.
WRITES = {
    Store: "create create_all discard reopen update append finish rename annotate delete restore flush keep_events "
    "save_student save_logits save_checkpoint remove_checkpoint give",
    Jobs: "submit resume close make_teacher stop save leave cancel pause drain go_on move_up write_waiting",
    TeacherStore: "create create_to_make hold_queued update rename discard remove append",
    OwnerTable: "set forget",
    EntryTable: "write remove_of",
    SearchFiles: "create hold release append remove",
    SearchQueue: "begin go_on end remove remove_of advance",
}
READS = {
    Store: "owner_of ids_of unwritten fault reachable read runs ids finished_runs find events student logits "
    "checkpoint has_student has_logits student_as_zip student_folder student_version logits_version",
    Jobs: "busy place waiting stopping unsaved unsaved_runs loaded wait_until_loaded refusal check state overview "
    "owners ahead running wake",
    TeacherStore: "model_folder read all events",
    OwnerTable: "profile all",
    EntryTable: "read all",
    SearchFiles: "read history events all of_owner carried_out",
    SearchQueue: "runs_here wanted",
}
# Functions that write. Those with None may not be imported by a page; the others are called with this in their call.
FUNCTIONS: dict[ModuleType, dict[str, str | None]] = {
    data_store: dict.fromkeys(("save", "rename", "remove", "give_up")),
    draft_store: dict.fromkeys(("note_choice", "remove_draft", "load_draft"), "person=person()")
    | {"keep_draft": "owner=owner()"},
    attempt_store: dict.fromkeys(("save_attempt", "save_if_unchanged"), "person()"),
    journals: {"save_journal": "person()", "load_journal": "person()"},
    bring_teacher: {"bring": None},
    owner_removal: {"remove_owner": "person()"},
}
