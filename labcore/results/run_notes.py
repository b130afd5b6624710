"""What a person adds to a run beside its name: a note and tags, checked. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable

from labcore.config.checks import SpecError, check_text

MAX_NOTE = 500  # characters
MAX_TAGS, MAX_TAG = 8, 24  # tags of a run, characters of a tag


def checked_note(note: object) -> str:
    """A note without the spaces around it. Raises SpecError if it is not text, too long, or holds U+0000."""
    check_text("the note", note, MAX_NOTE)
    assert isinstance(note, str)
    if "\0" in note:  # PostgreSQL keeps none
        raise SpecError("the note holds a character that cannot be seen (U+0000); type it again without it")
    return note.strip()


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without the spaces around them, each once.

    Raises SpecError if there are more than MAX_TAGS. Raises it also if one is empty, too long, or has a space or a
    comma in it.
    """
    given = tuple(dict.fromkeys(tag.strip() for tag in tags))
    if len(given) > MAX_TAGS:
        raise SpecError(f"{len(given)} tags were given; a run has at most {MAX_TAGS}")
    for tag in given:
        check_text("the tag", tag, MAX_TAG)
        if not tag or not tag.isprintable() or " " in tag or "," in tag:
            raise SpecError(f"{tag!r} is no tag; give 1 to {MAX_TAG} characters without spaces or commas")
    return given
