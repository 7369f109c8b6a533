"""Visits keep their promises on SQLite."""

from tests.unit.controller.test_store import OnSqlite
from tests.unit.controller.visits_suite import VisitsSuite


class TestVisitsOnSqlite(OnSqlite, VisitsSuite):
    pass
