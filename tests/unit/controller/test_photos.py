"""Photographs keep their promises on SQLite."""

from tests.unit.controller.photos_suite import PhotosSuite
from tests.unit.controller.test_store import OnSqlite


class TestPhotosOnSqlite(OnSqlite, PhotosSuite):
    pass
