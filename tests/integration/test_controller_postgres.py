"""The office on a real PostgreSQL: the same suites as on SQLite."""

from collections.abc import Iterator

import pytest

from tests.postgres import Postgres, running_postgres
from tests.unit.controller.ingest_suite import IngestSuite
from tests.unit.controller.register_suite import RegisterSuite
from tests.unit.controller.store_suite import StoreSuite


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as running:
        yield running


class OnPostgres:
    @pytest.fixture
    def database(self, postgres: Postgres) -> str:
        return postgres.new_database()


class TestIngestOnPostgres(OnPostgres, IngestSuite):
    pass


class TestRegisterOnPostgres(OnPostgres, RegisterSuite):
    pass


class TestStoreOnPostgres(OnPostgres, StoreSuite):
    pass
