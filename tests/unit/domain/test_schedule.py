"""Weekly hours, holidays, and clocks that are put forward and back."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ScheduleId
from domain.schedule import Schedule, Window
from tests.builders import A_MOMENT, ALWAYS, NEVER, OFFICE, SHANGHAI

BERLIN: Final = ZoneInfo("Europe/Berlin")


def weekly(*windows: tuple[int, int, int]) -> Schedule:
    return Schedule(
        id=ScheduleId("s"),
        windows=tuple(Window(*w) for w in windows),
        holidays=frozenset(),
        holiday_windows=(),
    )


@pytest.mark.parametrize(
    ("local", "covered"),
    [
        pytest.param(datetime(2026, 11, 23, 8, 0), True, id="opens on the minute"),  # noqa: DTZ001  a zone is added
        pytest.param(datetime(2026, 11, 23, 7, 59, 59, 999_999), False, id="early"),  # noqa: DTZ001  a zone is added
        pytest.param(datetime(2026, 11, 23, 17, 59, 59, 999_999), True, id="last"),  # noqa: DTZ001  a zone is added
        pytest.param(datetime(2026, 11, 23, 18, 0), False, id="closed on the minute"),  # noqa: DTZ001  a zone is added
        pytest.param(datetime(2026, 11, 22, 12, 0), False, id="Sunday"),  # noqa: DTZ001  a zone is added
        pytest.param(datetime(2026, 10, 1, 12, 0), False, id="a holiday"),  # noqa: DTZ001  a zone is added
        pytest.param(datetime(2026, 10, 2, 12, 0), True, id="the day after it"),  # noqa: DTZ001  a zone is added
    ],
)
def test_office_hours_in_shanghai(local: datetime, covered: bool) -> None:
    at = local.replace(tzinfo=SHANGHAI).astimezone(UTC)

    assert OFFICE.covers(at, SHANGHAI) is covered


def test_a_day_is_the_sites_day_and_not_utcs() -> None:
    """Monday 07:30 in Shanghai is still Sunday in UTC."""
    monday_only = weekly((0, 0, 1440))

    assert monday_only.covers(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), SHANGHAI)
    assert not monday_only.covers(datetime(2026, 11, 23, 16, 0, tzinfo=UTC), SHANGHAI)


def test_midnight_belongs_to_the_day_that_begins() -> None:
    monday = weekly((0, 0, 1440))
    midnight = datetime(2026, 11, 24, tzinfo=SHANGHAI)

    assert monday.covers(midnight - A_MOMENT, SHANGHAI)
    assert not monday.covers(midnight, SHANGHAI)


def test_on_a_holiday_only_the_holiday_windows_count() -> None:
    schedule = Schedule(
        id=ScheduleId("s"),
        windows=(Window(0, 0, 1440),),
        holidays=frozenset({date(2026, 11, 23)}),  # a Monday
        holiday_windows=(Window(0, 600, 720),),
    )

    inside = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
    assert schedule.covers(inside, SHANGHAI)
    assert not schedule.covers(inside + timedelta(hours=2), SHANGHAI)
    assert schedule.covers(inside + timedelta(days=7, hours=5), SHANGHAI)


@pytest.mark.parametrize(
    ("utc_hour", "utc_minute", "covered"),
    [
        pytest.param(0, 59, True, id="01:59, before the clocks go forward"),
        pytest.param(1, 0, False, id="03:00, a moment later"),
        pytest.param(1, 30, False, id="03:30"),
    ],
)
def test_an_hour_that_the_clocks_skip_is_skipped(
    utc_hour: int, utc_minute: int, covered: bool
) -> None:
    """On 2026-03-29 there is no 02:00 to 03:00 in Berlin."""
    nights = weekly((6, 60, 180))  # Sunday 01:00-03:00

    at = datetime(2026, 3, 29, utc_hour, utc_minute, tzinfo=UTC)
    assert nights.covers(at, BERLIN) is covered


def test_a_window_inside_the_skipped_hour_does_not_open_that_day() -> None:
    skipped = weekly((6, 120, 180))
    whole_day = (
        datetime(2026, 3, 28, 23, tzinfo=UTC) + timedelta(minutes=n)
        for n in range(23 * 60)
    )

    assert not any(skipped.covers(at, BERLIN) for at in whole_day)


@pytest.mark.parametrize(
    ("utc_hour", "covered"),
    [
        pytest.param(0, True, id="02:30 for the first time"),
        pytest.param(1, True, id="02:30 for the second time"),
        pytest.param(2, False, id="03:30"),
    ],
)
def test_an_hour_that_comes_twice_is_open_twice(utc_hour: int, covered: bool) -> None:
    """On 2026-10-25 the hour from 02:00 comes twice in Berlin."""
    nights = weekly((6, 120, 180))

    at = datetime(2026, 10, 25, utc_hour, 30, tzinfo=UTC)
    assert nights.covers(at, BERLIN) is covered


instants = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  hypothesis wants naive bounds
    datetime(2035, 1, 1),  # noqa: DTZ001  hypothesis wants naive bounds
    timezones=st.just(UTC),
)
zones = st.sampled_from(
    [SHANGHAI, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")]
)


@given(instants, zones)
def test_always_is_always_and_never_is_never(at: datetime, zone: ZoneInfo) -> None:
    assert ALWAYS.covers(at, zone)
    assert not NEVER.covers(at, zone)


windows = st.builds(
    lambda day, a, b: Window(day, min(a, b), max(a, b) + 1),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(0, 1439),
)


@given(instants, zones, windows)
def test_a_window_covers_what_the_local_clock_shows_inside_it(
    at: datetime, zone: ZoneInfo, window: Window
) -> None:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    expected = local.weekday() == window.weekday and (
        window.opens <= minute < window.closes
    )

    schedule = weekly((window.weekday, window.opens, window.closes))
    assert schedule.covers(at, zone) is expected


@given(instants, zones)
def test_the_same_instant_in_another_offset_is_the_same(
    at: datetime, zone: ZoneInfo
) -> None:
    assert OFFICE.covers(at, zone) == OFFICE.covers(at.astimezone(BERLIN), zone)
