"""Files on their way to a data set, kept for a while, so that a reload of the page loses none. Standard library only.

    HOME/data/drafts/<id>/file         its bytes
    HOME/data/drafts/<id>/draft.json   its name, and how it is read, as far as somebody has chosen that

The id is a hash of owner, name and content, so two people with one file have a draft each. Only its owner opens it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from labcore.config.checks import SpecError, known_fields
from labcore.config.json_data import read_json
from labcore.data.own.columns import Columns
from labcore.data.own.file_format import FileFormat
from labcore.data.own.limits import KEPT_DRAFT_HOURS, KEPT_DRAFTS, check_size
from labcore.owners.owner import HOST, NotYours, Person, is_owner, may_change
from labcore.system.files import remove_folder, write_whole
from labcore.system.home import default_home

_ID = re.compile(r"[0-9a-f]{32}")
FILE, READ_AS = "file", "draft.json"


@dataclass(frozen=True)
class KeptDraft:
    """A file that was given, and how it was read at last; None for what nobody has chosen."""

    name: str
    content: bytes
    file_format: FileFormat | None = None
    columns: Columns | None = None


def keep_draft(name: str, content: bytes, home: Path | None = None, *, owner: str | None = None) -> str:
    """Keep a file as an owner's draft, and return its id. The oldest drafts make room for it. Raises OSError."""
    draft_id = hashlib.sha256(json.dumps([owner, name]).encode() + content).hexdigest()[:32]
    folder = _drafts(home) / draft_id
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / FILE, content)
    write_whole(folder / READ_AS, json.dumps({"name": name, "owner": owner}))
    _make_room(home, but=draft_id)
    return draft_id


def note_choice(
    draft_id: str, name: str, read: FileFormat, columns: Columns, home: Path | None = None, *, person: Person = HOST
) -> None:
    """Note how a draft's file is read, if the draft is still kept. Raises OSError, and NotYours if it is another's."""
    path = _drafts(home) / draft_id / READ_AS
    if _ID.fullmatch(draft_id) and path.is_file():
        owner = _check_own(draft_id, home, person)
        content = {"name": name, "owner": owner, "file_format": asdict(read), "columns": asdict(columns)}
        write_whole(path, json.dumps(content))


def load_draft(draft_id: str, home: Path | None = None, *, person: Person = HOST) -> KeptDraft:
    """The draft with this id. Raises SpecError if it is not kept, or no longer, and NotYours if it is another's."""
    _make_room(home)
    folder = _drafts(home) / draft_id
    if not _ID.fullmatch(draft_id) or not folder.is_dir():
        raise SpecError(
            f"the file of this address is not kept here, or no longer: the lab keeps one for {KEPT_DRAFT_HOURS} hours, "
            "until a data set is made of it; give it again"
        )
    _check_own(draft_id, home, person)
    try:
        check_size((folder / FILE).stat().st_size)
        given = read_json(folder / READ_AS)
        made, columns = given.get("file_format"), given.get("columns")
        return KeptDraft(
            name=str(given["name"]),
            content=(folder / FILE).read_bytes(),
            file_format=None if made is None else FileFormat(**known_fields("the format", made, FileFormat)),
            columns=None if columns is None else Columns(**known_fields("the columns", columns, Columns)),
        )
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise SpecError(f"the file of this address can't be read ({type(error).__name__}); give it again") from None


def remove_draft(draft_id: str, home: Path | None = None, *, person: Person = HOST) -> None:
    """Remove a draft, if it is kept, as far as the disk allows it. Raises NotYours if it is another's."""
    if _ID.fullmatch(draft_id):
        _check_own(draft_id, home, person)
        with suppress(OSError):  # what the disk refuses goes with the drafts that are too old
            remove_folder(_drafts(home) / draft_id)


def _check_own(draft_id: str, home: Path | None, person: Person) -> str | None:
    """The owner of a draft. Raises NotYours unless the person may change it."""
    try:
        owner = read_json(_drafts(home) / draft_id / READ_AS).get("owner")
    except (SpecError, AttributeError):  # gone or damaged: nothing of anybody can be read of it
        return None
    if not may_change(owner, person):
        raise NotYours("the file of this address belongs to somebody else; give a file of your own")
    return owner if is_owner(owner) else None


def _make_room(home: Path | None, but: str = "") -> None:
    """Remove drafts that are too old, and the oldest ones if there are too many."""
    now, ages = time.time(), []
    for folder in _folders(home):
        with suppress(OSError):  # another process removed it
            ages.append((now - folder.stat().st_mtime, folder))
    kept = [(age, folder) for age, folder in sorted(ages) if folder.name != but]
    room = KEPT_DRAFTS - bool(but)
    for place, (age, folder) in enumerate(kept):
        if place >= room or age > KEPT_DRAFT_HOURS * 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(home: Path | None) -> Sequence[Path]:
    try:
        return [each for each in _drafts(home).iterdir() if _ID.fullmatch(each.name)]
    except OSError:
        return []


def _drafts(home: Path | None) -> Path:
    return (home or default_home()) / "data" / "drafts"
