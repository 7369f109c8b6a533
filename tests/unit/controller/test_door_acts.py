"""Acts on doors keep their promises on SQLite."""

from tests.unit.controller.door_acts_suite import DoorActsSuite
from tests.unit.controller.test_store import OnSqlite


class TestDoorActsOnSqlite(OnSqlite, DoorActsSuite):
    pass
