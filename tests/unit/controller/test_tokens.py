"""Tokens keep their promises on SQLite."""

from tests.unit.controller.test_store import OnSqlite
from tests.unit.controller.tokens_suite import TokensSuite


class TestTokensOnSqlite(OnSqlite, TokensSuite):
    pass
