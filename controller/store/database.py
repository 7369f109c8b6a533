"""The database behind a narrow door: functions in, results out, off the event loop.

One writer thread, so that writes of this process queue up here and not at the
database; one reader thread, so that a page never waits behind ingest. A write is one
transaction and holds the only write lock from its start: in SQLite `BEGIN IMMEDIATE`,
in PostgreSQL an advisory lock. That makes positions and the controller's own chain
safe across processes (`menshen controller revoke` beside a running controller).

SQLite: WAL and `synchronous=FULL`, since what is acknowledged must survive a power
cut. Sources: sqlite.org/pragma, sqlite.org/wal; PostgreSQL 15, 9.27.10.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)

from controller.store.migrate import take_write_lock, upgrade
from domain.errors import InputError, StorageError, ValueUnstorable

T = TypeVar("T")

_READS: Final = "menshen_reads"
_BUSY_MS: Final = 10_000  # longer than the slowest write of another process


class Database:
    """An open database with its tables up to date."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._where = engine.url.render_as_string(hide_password=True)
        self._snapshots = engine.execution_options(**{_READS: True})
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-read")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that is durable when this returns.

        Raises:
            ValueUnstorable: the database refused what `work` wrote.
            StorageError: the database failed; nothing of `work` happened.
        """
        return await self._run(self._writer, self._write, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot.

        Raises:
            StorageError: the database failed.
        """
        return await self._run(self._reader, self._read, work)

    async def check(self) -> None:
        """Look whether the file is sound: a damaged page must not be built upon.

        SQLite only; PostgreSQL has checksums and tools of its own. Reads the whole
        file: some 4 s for each GB, measured on 2 cores.

        Raises:
            StorageError: damaged; says where.
        """
        if self.engine.dialect.name == "sqlite":
            await self.read(partial(_demand_sound, where=self._where))

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, self._dispose)
        self._writer.shutdown()
        self._reader.shutdown()

    async def _run(
        self,
        threads: ThreadPoolExecutor,
        how: Callable[[Callable[[Connection], T]], T],
        work: Callable[[Connection], T],
    ) -> T:
        loop = asyncio.get_running_loop()
        try:
            # A caller that is cancelled doesn't stop the thread: the transaction ends
            # either way, and everything written this way may be written again.
            return await loop.run_in_executor(threads, how, work)
        except SQLAlchemyError as error:
            if _is_about_values(error):
                raise ValueUnstorable(f"not storable: {_cause(error)}") from error
            raise StorageError(
                f"database `{self._where}` failed: {_cause(error)}"
            ) from error

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            take_write_lock(connection)
            return work(connection)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._snapshots.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                )
            return work(connection)

    def _dispose(self) -> None:
        self.engine.dispose()


async def open_database(url: str) -> Database:
    """Connect, and bring the tables up to date.

    Raises:
        InputError: `url` is no database URL.
        StorageError: the database cannot be reached, or is damaged.
    """
    return await asyncio.get_running_loop().run_in_executor(None, _open, url)


def _open(url: str) -> Database:
    engine = make_engine(url)
    try:
        upgrade(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        where = engine.url.render_as_string(hide_password=True)
        raise StorageError(f"`{where}` cannot be used: {_cause(error)}") from error
    return Database(engine)


def _demand_sound(connection: Connection, *, where: str) -> None:
    said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if said != "ok":
        cause = " ".join(str(said).split())
        raise StorageError(
            f"database `{where}` is damaged: {cause}; put it aside, bring back the "
            "last copy, and start again: doors keep what they recorded"
        )


def make_engine(url: str) -> Engine:
    """An engine with this house's settings, not connected yet.

    Raises:
        InputError: `url` is no database URL, or of a database nobody tested.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError("the database is no URL such as `sqlite:///…`") from None
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise InputError("the database must be a file: `sqlite:///PATH`")
            engine = create_engine(
                parsed.set(drivername="sqlite"),
                connect_args={"timeout": _BUSY_MS / 1000},
            )
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin)
            return engine
        case "postgresql":
            return create_engine(parsed.set(drivername="postgresql+psycopg"))
        case other:
            raise InputError(f"`{other}` is no database for this; sqlite or postgresql")


def _set_up_sqlite(connection: Any, record: object) -> None:  # noqa: ANN401  DBAPI
    # Transactions are begun by us: the module's own begin too late (on the first
    # write) and not immediately.
    connection.isolation_level = None
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {setting}").close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _is_about_values(error: SQLAlchemyError) -> bool:
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError | IntegrityError)
    return isinstance(error, StatementError)


def _cause(error: SQLAlchemyError) -> str:
    """What went wrong, without the statement's values."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return str(error.orig).strip().splitlines()[0]
    return type(error).__name__
