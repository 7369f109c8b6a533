"""The list and the page of people keep their promises on SQLite."""

from tests.unit.controller.people_suite import PeopleSuite
from tests.unit.controller.test_store import OnSqlite


class TestPeopleOnSqlite(OnSqlite, PeopleSuite):
    pass
