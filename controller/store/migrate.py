"""Bring a database's tables up to date, in one transaction, at every start.

Migrations only go forward: a database newer than this program is refused by Alembic
as an unknown revision, and left as it is.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from domain.errors import StorageError

_SCRIPTS: Final = Path(__file__).parent / "migrations"
# Any number, the same in every process of ours.
WRITE_LOCK: Final = 0x6D656E7368656E


def upgrade(engine: Engine) -> None:
    """Apply what is missing.

    Raises:
        StorageError: the database was made by a newer version.
    """
    with engine.begin() as connection:
        take_write_lock(connection)
        config = alembic_config(connection)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError(
                f"the database does not suit this version: {error}"
            ) from error


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def take_write_lock(connection: Connection) -> None:
    """One writer at a time, also among processes, until the transaction ends.

    SQLite's transactions begin with the lock already (`database`).
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})"))
