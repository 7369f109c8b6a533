"""What a token may be, and until when it opens anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from domain.tokens import (
    LONGEST,
    Token,
    TokenFault,
    TokenId,
    TokenRefusal,
    TokenScope,
    faults,
)

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)
HR: Final = Token(
    id=TokenId("hr"),
    scopes=frozenset({TokenScope.PEOPLE_LEAVE}),
    made_at=NOON,
    made_by="root",
    until=NOON + DAY,
    used_at=None,
    revoked_at=None,
)


def test_a_token_ends_at_its_instant_and_not_before() -> None:
    tick = timedelta(microseconds=1)

    assert HR.why_not(HR.until - tick) is None
    assert HR.why_not(HR.until) is TokenRefusal.EXPIRED


def test_a_revoked_token_says_so_also_after_its_end() -> None:
    revoked = replace(HR, revoked_at=NOON)

    assert revoked.why_not(NOON) is TokenRefusal.REVOKED
    assert revoked.why_not(HR.until) is TokenRefusal.REVOKED


@pytest.mark.parametrize(
    ("id_", "scopes", "lasts", "fault"),
    [
        ("hr", {TokenScope.PEOPLE_LEAVE}, DAY, None),
        ("hr", {TokenScope.PEOPLE_LEAVE}, LONGEST, None),
        ("HR", {TokenScope.PEOPLE_LEAVE}, DAY, TokenFault.NAME),
        ("a:b", {TokenScope.PEOPLE_LEAVE}, DAY, TokenFault.NAME),
        ("hr", set(), DAY, TokenFault.NO_SCOPE),
        ("hr", {TokenScope.PEOPLE_LEAVE}, timedelta(0), TokenFault.OVER),
        ("hr", {TokenScope.PEOPLE_LEAVE}, LONGEST + DAY, TokenFault.TOO_LONG),
    ],
)
def test_a_token_has_a_name_a_scope_and_an_end_within_a_year(
    id_: str, scopes: set[TokenScope], lasts: timedelta, fault: TokenFault | None
) -> None:
    found = faults(TokenId(id_), scopes, until=NOON + lasts, at=NOON)

    assert found == (set() if fault is None else {fault})


@pytest.mark.parametrize("word", ["approve", "open", "unlock", "lockdown", "grant"])
def test_no_scope_lets_a_token_do_what_needs_a_person(word: str) -> None:
    assert [scope for scope in TokenScope if word in scope] == []
