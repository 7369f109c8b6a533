"""Which alarms share a line, and which never do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alarm_events import AlarmCode
from domain.alarm_flood import Entry, entries
from domain.ids import DeviceId, DoorId
from domain.policy import Reason

T: Final = datetime(2026, 11, 23, 6, 32, 8, tzinfo=UTC)
HELD, LOST = Reason(AlarmCode.DOOR_HELD), Reason(AlarmCode.DOOR_OFFLINE)


@dataclass(frozen=True, slots=True)
class Alarm:
    door: DoorId
    code: Reason
    priority: int
    since: datetime
    device: DeviceId | None = None
    acknowledged_at: datetime | None = None


def alarm(
    door: int,
    after: float,
    code: Reason = LOST,
    priority: int = 2,
    *,
    seen: bool = False,
) -> Alarm:
    since = T + timedelta(seconds=after)
    return Alarm(
        DoorId(f"d{door}"),
        code,
        priority,
        since,
        acknowledged_at=since if seen else None,
    )


def sizes(alarms: Sequence[Alarm]) -> list[int]:
    return [len(line.all) for line in entries(alarms)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((0, 30), [1, 1]),
        ((0, 30, 60), [3]),  # within a minute, both ends included
        ((0, 30, 60.001), [1, 1, 1]),
        ((0, 100, 130, 160), [4]),  # three of them are enough
    ],
)
def test_one_door_that_chatters_is_one_line(
    times: tuple[float, ...], expected: list[int]
) -> None:
    assert sizes([alarm(1, after, HELD) for after in times]) == expected


def test_chatter_is_of_one_door_one_type_and_one_device() -> None:
    other_type = [alarm(1, 0, HELD), alarm(1, 1, HELD), alarm(1, 2, LOST)]
    other_door = [alarm(1, 0), alarm(1, 1), alarm(2, 2)]

    assert sizes(other_type) == [1, 1, 1]
    assert sizes(other_door) == [1, 1, 1]


@pytest.mark.parametrize(
    ("count", "apart", "expected"),
    [
        (10, 1, [1] * 10),
        (11, 1, [11]),
        (11, 60, [11]),  # the last comes ten minutes after the first
        (11, 60.001, [1] * 11),
    ],
)
def test_more_than_ten_in_ten_minutes_are_one_line(
    count: int, apart: float, expected: list[int]
) -> None:
    flood = [alarm(n, n * apart) for n in range(count)]

    assert sizes(flood) == expected
    if len(expected) == 1:
        [line] = entries(flood)
        assert line.first is flood[0]
        assert line.doors == count


def test_an_urgent_alarm_is_never_grouped_away() -> None:
    flood = [alarm(n, n, priority=1) for n in range(40)]

    assert sizes(flood) == [1] * 40


def test_what_somebody_has_seen_does_not_hide_what_nobody_has() -> None:
    seen = [alarm(n, n, seen=True) for n in range(8)]
    unseen = [alarm(n, n) for n in range(8, 16)]

    assert sizes([*unseen, *seen]) == [1] * 16


alarms = st.lists(
    st.builds(
        alarm,
        st.integers(1, 4),
        st.integers(0, 900),
        st.sampled_from([HELD, LOST]),
        st.integers(1, 3),
        seen=st.booleans(),
    ),
    max_size=40,
)


def _urgent_doors(lines: Sequence[Entry[Alarm]]) -> set[str]:
    return {line.first.door for line in lines if line.first.priority == 1}


@given(alarms)
def test_every_alarm_is_on_exactly_one_line_and_the_first_keeps_its_place(
    found: list[Alarm],
) -> None:
    lines = entries(found)
    told = [id(a) for line in lines for a in line.all]
    place = {id(a): n for n, a in enumerate(found)}
    firsts = [place[id(line.first)] for line in lines]

    assert sorted(told) == sorted(map(id, found))
    assert firsts == sorted(firsts)
    assert all(line.first is line.all[0] for line in lines)


@given(alarms)
def test_every_door_with_an_urgent_alarm_keeps_a_line_of_its_own(
    found: list[Alarm],
) -> None:
    lines = entries(found)

    assert _urgent_doors(lines) == {a.door for a in found if a.priority == 1}
    for line in lines:
        if line.first.priority == 1:
            assert line.doors == 1
