"""The owners who have told the class something, in the database."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from labcore.config.checks import SpecError
from labcore.database.database_kind import DatabaseKind
from labcore.database.schema import OWNERS
from labcore.owners.profile import Profile


class OwnerTable:
    """The rows of owners. One who has told nothing has no row."""

    def __init__(self, database: DatabaseKind):
        self._database = database

    def profile(self, owner: str | None) -> Profile:
        """What this owner tells the class; nothing if the database can't be read."""
        return self.all().get(owner or "", Profile())

    def all(self) -> dict[str, Profile]:
        """What each owner tells the class, by the owner's id; nothing if the database can't be read."""
        profiles = {}
        with suppress(OSError), self._database.to_read() as connection:
            for row in connection.execute(select(OWNERS)):
                with suppress(SpecError):  # damaged: it tells nothing
                    profiles[row.id] = Profile(row.nickname, row.consent)
        return profiles

    def forget(self, owner: str) -> None:
        """Remove what an owner has told. Raises OSError."""
        with self._database.to_write(make=True) as connection:
            connection.execute(delete(OWNERS).where(OWNERS.c.id == owner))

    def set(self, owner: str, profile: Profile) -> None:
        """Replace what an owner tells the class. Raises SpecError if another has this nickname, and OSError."""
        with self._database.to_write(make=True) as connection:
            others = connection.execute(select(OWNERS.c.nickname).where(OWNERS.c.id != owner)).scalars()
            if profile.nickname and profile.nickname.casefold() in {name.casefold() for name in others}:
                raise SpecError(f"somebody else here is “{profile.nickname}”; choose another nickname")
            columns = {"nickname": profile.nickname, "consent": profile.consent}
            if connection.execute(update(OWNERS).where(OWNERS.c.id == owner).values(**columns)).rowcount == 0:
                created = datetime.now(UTC).isoformat(timespec="seconds")
                connection.execute(insert(OWNERS).values(id=owner, created=created, **columns))
