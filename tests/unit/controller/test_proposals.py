"""Proposals to freeze somebody keep their promises on SQLite."""

from tests.unit.controller.proposals_suite import ProposalsSuite
from tests.unit.controller.test_store import OnSqlite


class TestProposalsOnSqlite(OnSqlite, ProposalsSuite):
    pass
