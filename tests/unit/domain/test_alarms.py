"""How urgent an alarm is."""

import pytest

from domain.alarm_events import AlarmCode
from domain.alarms import priority
from domain.policy import Reason, Verdict
from domain.policy.rules import RULES
from domain.zones import ZoneLevel

CORE, CANTEEN = ZoneLevel.CORE, ZoneLevel.NON_SECRET


@pytest.mark.parametrize(
    ("code", "at_core", "elsewhere"),
    [
        pytest.param(AlarmCode.DOOR_FORCED, 1, 1, id="forced"),
        pytest.param(AlarmCode.DURESS, 1, 1, id="duress"),
        pytest.param(AlarmCode.FIRE, 1, 1, id="fire"),
        pytest.param(AlarmCode.JOURNAL_FORKED, 1, 1, id="a forked journal"),
        pytest.param(AlarmCode.JOURNAL_UNAVAILABLE, 1, 1, id="no journal"),
        pytest.param(AlarmCode.CAMERA_DOWN, 1, 2, id="no camera"),
        pytest.param(AlarmCode.TAMPER, 1, 2, id="tampering"),
        pytest.param(AlarmCode.DOOR_HELD, 2, 2, id="held open"),
        pytest.param(AlarmCode.DOOR_OFFLINE, 2, 2, id="offline"),
        pytest.param(AlarmCode.STORAGE_LOW, 3, 3, id="little storage"),
        pytest.param(Reason("person.left"), 2, 2, id="a leaver goes out"),
        pytest.param(Reason("training.lapsed"), 3, 3, id="lapsed training goes out"),
        pytest.param(Reason("journal.unavailable"), 1, 1, id="a rule without journal"),
    ],
)
def test_an_alarm_has_its_priority(
    code: AlarmCode | Reason, at_core: int, elsewhere: int
) -> None:
    assert (priority(code, CORE), priority(code, CANTEEN)) == (at_core, elsewhere)


@pytest.mark.parametrize("level", ZoneLevel)
def test_every_alarm_there_can_be_has_a_priority(level: ZoneLevel) -> None:
    by_rules = [r.reason for r in RULES if r.on_exit or r.verdict is Verdict.ALARM]

    assert {priority(code, level) for code in (*AlarmCode, *by_rules)} <= {1, 2, 3}


@pytest.mark.parametrize("code", AlarmCode)
def test_no_alarm_is_less_urgent_at_a_core_door(code: AlarmCode) -> None:
    assert all(priority(code, CORE) <= priority(code, level) for level in ZoneLevel)


@pytest.mark.parametrize("code", AlarmCode)
def test_a_code_is_as_urgent_written_as_a_reason(code: AlarmCode) -> None:
    """Journals hold codes as plain text."""
    for level in ZoneLevel:
        assert priority(Reason(str(code)), level) == priority(code, level)
