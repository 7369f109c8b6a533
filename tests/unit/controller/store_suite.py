"""What the store promises, on whatever database."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, insert, select, text

from controller.store import tables as t
from controller.store.database import open_database
from controller.store.migrate import upgrade
from controller.store.tables import METADATA
from domain.errors import StorageError, ValueUnstorable

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


class StoreSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    async def test_the_migrations_give_exactly_the_tables_of_the_code(
        self, database: str
    ) -> None:
        opened = await open_database(database)

        def differences(connection: Connection) -> list[object]:
            context = MigrationContext.configure(connection)
            return list(compare_metadata(context, METADATA))

        assert await opened.read(differences) == []
        await opened.close()

    async def test_a_second_start_changes_nothing(self, database: str) -> None:
        first = await open_database(database)
        await first.write(_change("E1"))
        await first.close()
        second = await open_database(database)

        assert await second.read(_changes) == ["E1"]
        await second.close()

    async def test_a_newer_database_is_refused_and_left_alone(
        self, database: str
    ) -> None:
        opened = await open_database(database)
        await opened.write(
            lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        )

        with pytest.raises(StorageError, match="does not suit this version"):
            upgrade(opened.engine)
        await opened.close()

    async def test_a_failed_write_leaves_nothing_behind(self, database: str) -> None:
        opened = await open_database(database)

        def work(connection: Connection) -> None:
            _change("E1")(connection)
            connection.execute(text("SELECT * FROM no_such_table"))

        with pytest.raises(StorageError):
            await opened.write(work)
        assert await opened.read(_changes) == []
        await opened.close()

    async def test_a_value_that_cannot_be_stored_is_told_from_a_failing_database(
        self, database: str
    ) -> None:
        opened = await open_database(database)

        with pytest.raises(ValueUnstorable):
            await opened.write(
                lambda c: c.execute(insert(t.changes), {"what": "a", "person": "b"})
            )
        await opened.close()

    @pytest.mark.parametrize("at", [LONG_AGO, LAST])
    async def test_every_instant_comes_back_as_it_was(
        self, database: str, at: datetime
    ) -> None:
        opened = await open_database(database)
        await opened.write(_change("E1", at=at))

        stored = await opened.read(lambda c: c.execute(select(t.changes.c.at)).scalar())
        assert stored == at
        await opened.close()

    async def test_writers_of_two_processes_take_turns(self, database: str) -> None:
        """Each reads the highest number and adds the next: none is lost."""
        one, two = await open_database(database), await open_database(database)

        def count_up(connection: Connection) -> None:
            highest = connection.execute(select(func.max(t.changes.c.id))).scalar()
            _change("E1", id_=(highest or 0) + 1)(connection)

        writes = [each.write(count_up) for each in (one, two) * 20]
        await asyncio.gather(*writes)

        assert len(await one.read(_changes)) == 40
        await one.close()
        await two.close()


def _change(
    person: str, *, at: datetime = LONG_AGO, id_: int | None = None
) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        row = {"at": at, "what": "test", "person": person, "by": "test"}
        connection.execute(
            insert(t.changes), row if id_ is None else {**row, "id": id_}
        )

    return work


def _changes(connection: Connection) -> list[str]:
    rows = connection.execute(select(t.changes.c.person).order_by(t.changes.c.id))
    return [row.person for row in rows]
