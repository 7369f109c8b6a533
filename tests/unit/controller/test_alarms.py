"""Alarms keep their promises on SQLite."""

from tests.unit.controller.alarms_suite import AlarmsSuite
from tests.unit.controller.test_store import OnSqlite


class TestAlarmsOnSqlite(OnSqlite, AlarmsSuite):
    pass
