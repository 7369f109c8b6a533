"""The review of grants keeps its promises on SQLite."""

from tests.unit.controller.review_suite import ReviewSuite
from tests.unit.controller.test_store import OnSqlite


class TestReviewOnSqlite(OnSqlite, ReviewSuite):
    pass
