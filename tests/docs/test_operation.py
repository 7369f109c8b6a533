"""`docs/operation.md` says of every alarm what it means and what to do."""

from typing import Final

from domain.alarm_events import AlarmCode
from domain.alarms import priority
from domain.policy import Verdict
from domain.policy.rules import RULES
from domain.zones import ZoneLevel
from tests.docs.files import ROOT
from tests.docs.tables import codes, rows

_ROWS: Final = [row for row in rows(ROOT / "docs/operation.md", columns=4)]
_TOLD: Final = {code: row for row in _ROWS for code in codes(row[0])}

# What a rule says of a person or door becomes an alarm on the way out.
_BY_RULES: Final = {
    str(rule.reason)
    for rule in RULES
    if rule.verdict is Verdict.ALARM
    or (rule.on_exit and rule.verdict is Verdict.FORBID)
}


def test_every_alarm_of_a_door_or_the_office_is_explained() -> None:
    assert {str(code) for code in AlarmCode} - set(_TOLD) == set()


def test_every_reason_that_can_become_an_alarm_is_explained() -> None:
    text = (ROOT / "docs/operation.md").read_text("utf-8")

    assert {code for code in _BY_RULES if f"`{code}`" not in text} == set()


def test_no_alarm_is_explained_that_cannot_be_raised() -> None:
    possible = {str(code) for code in AlarmCode} | _BY_RULES

    assert set(_TOLD) - possible - {"code"} == set()


def test_every_alarm_says_what_to_do() -> None:
    assert [row[0] for row in _ROWS if not row[2] or not row[3]] == []


def test_every_alarm_has_the_priority_that_the_code_gives_it() -> None:
    def told(code: AlarmCode) -> str:
        core = priority(code, ZoneLevel.CORE)
        elsewhere = priority(code, ZoneLevel.GENERAL)
        return f"{core}" if core == elsewhere else f"{core} core, {elsewhere}"

    assert {c for c in AlarmCode if _TOLD[str(c)][1] != told(c)} == set()
