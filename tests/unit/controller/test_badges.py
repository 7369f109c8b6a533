"""Badges keep their promises on SQLite."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from controller.services.badges import midnight_after
from tests.unit.controller.badges_suite import BadgesSuite
from tests.unit.controller.test_store import OnSqlite

TZ: Final = ZoneInfo("Asia/Shanghai")


class TestBadgesOnSqlite(OnSqlite, BadgesSuite):
    pass


def test_midnight_is_the_sites_and_always_ahead() -> None:
    late = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai

    assert midnight_after(late, TZ) == late + timedelta(seconds=1)
    assert midnight_after(late + timedelta(seconds=1), TZ) == late + timedelta(
        days=1, seconds=1
    )
