"""The store, the register and the rosters keep their promises on SQLite."""

from pathlib import Path

import pytest

from tests.unit.controller.register_suite import RegisterSuite
from tests.unit.controller.store_suite import StoreSuite


class OnSqlite:
    @pytest.fixture
    def database(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'office.db'}"


class TestStoreOnSqlite(OnSqlite, StoreSuite):
    pass


class TestRegisterOnSqlite(OnSqlite, RegisterSuite):
    pass
