"""The desk's badges keep their promises on SQLite."""

from tests.unit.controller.badge_pool_suite import BadgePoolSuite
from tests.unit.controller.test_store import OnSqlite


class TestBadgePoolOnSqlite(OnSqlite, BadgePoolSuite):
    pass
