"""The lab's database on a PostgreSQL server: the same tables and uses as the file's, see labcore.database.database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from labcore.database.database_faults import DatabaseFault
from labcore.database.database_kind import Fill
from labcore.database.schema import REVISION
from labcore.database.server_address import words_of
from labcore.database.upgrade import is_known, revision_of, upgrade

WAIT = 5  # seconds to connect, for a lock, and for a free connection
LONGEST = 10  # seconds that one statement may take
CHANGE_LOCK = 0x1AB_DB  # the advisory lock that is held while tables are made or changed

# PostgreSQL's codes, and what to say of the database; a code's first characters stand for its class.
REASONS = {
    "28": "refuses the user or the password. Check both in LAB_DATABASE_URL",
    "3D000": "is not there. Make it with createdb, or name another in LAB_DATABASE_URL",
    "42501": "does not let this user make or use the lab's tables. Grant CREATE on its schema",
    "53100": "has no room left on its disk. Free some, then try again",
    "53300": "has too many connections. Close some, then try again",
    "25006": "is read-only. Give the address of the server that takes changes",
    "55P03": "is locked by another program. Close that program, then try again",
    "57014": f"took longer than {LONGEST} seconds. Try again later",
}


class ServerDatabase:
    """The tables on one server. fill: see `Fill`."""

    def __init__(self, url: URL, fill: Fill):
        self._words, self._fill, self._ready = words_of(url), fill, False
        self._engine = _engine(url)

    @contextmanager
    def to_read(self) -> Iterator[Connection]:
        """A connection to read with. Raises DatabaseFault if the server refuses it or can't be reached."""
        with self._faults(), self._connection() as connection:
            yield connection

    @contextmanager
    def to_write(self, *, make: bool = False) -> Iterator[Connection]:
        """A connection within a transaction: all of it is written, or nothing. make: changes nothing on a server.

        Raises DatabaseFault; what breaks a rule of the tables raises SQLAlchemy's IntegrityError.
        """
        with self._faults(), self._connection() as connection:
            yield connection
            connection.commit()

    def fault(self) -> OSError | None:
        """Why the database can't be used; None if it can."""
        try:
            with self.to_read() as connection:
                connection.execute(text("SELECT 1"))
        except OSError as error:
            return error
        return None

    def keep_open(self) -> None:
        """Nothing: the pool keeps connections."""

    def let_go(self) -> None:
        """Nothing: the pool keeps connections."""

    def _connection(self) -> Connection:
        if not self._ready:
            self._prepare()
            self._ready = True
        return self._engine.connect()

    def _prepare(self) -> None:
        """Make the tables or bring them up to date, in one transaction, while no other process does."""
        with self._engine.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({CHANGE_LOCK})"))
            revision = revision_of(connection)
            if not is_known(revision):
                raise DatabaseFault(
                    f"The database {self._words} was written by a newer version of the lab. "
                    "Use that version, or give another database."
                )
            if revision != REVISION:
                upgrade(connection)
                self._fill(connection, revision)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (DBAPIError, PoolTimeout) as error:
            raise self._fault_of(error) from None  # the driver's text may have the address

    def _fault_of(self, error: BaseException) -> DatabaseFault:
        if isinstance(error, PoolTimeout):
            return DatabaseFault(f"The database {self._words} {REASONS['53300']}.")
        driver = getattr(error, "orig", None)
        code, said = getattr(driver, "sqlstate", None) or "", f"{driver}"
        if "password authentication failed" in said or "no password supplied" in said:
            code = "28P01"  # a refused connection has no code
        elif not code and 'database "' in said and "does not exist" in said:
            code = "3D000"
        elif not code and "too many clients" in said:
            code = "53300"
        for known, reason in REASONS.items():
            if code.startswith(known):
                return DatabaseFault(f"The database {self._words} {reason}.")
        if not code or code[:2] in ("08", "57"):
            return DatabaseFault(f"The database {self._words} can't be reached. Start its server, then try again.")
        return DatabaseFault(f"The database {self._words} refuses this (PostgreSQL's code {code}). Ask who runs it.")


def _engine(url: URL) -> Engine:
    options = f"-c statement_timeout={LONGEST * 1000} -c lock_timeout={WAIT * 1000}"
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=WAIT,
            hide_parameters=True,
            connect_args={"connect_timeout": WAIT, "options": options},
        )
    except ModuleNotFoundError:
        raise DatabaseFault(
            "LAB_DATABASE_URL needs the package psycopg. Run: pip install -r requirements-postgres.txt"
        ) from None
