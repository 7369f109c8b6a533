"""What a door tells of its own start."""

from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.awakening import damaged_journal
from tests.builders import NINE
from tests.unit.domain.test_movement import SETTING


def test_a_journal_moved_aside_is_told_and_its_condition_is_over() -> None:
    """Priority 1 can be closed only once cleared; the new file is that."""
    raised, over = damaged_journal("journal.damaged-1", SETTING, NINE)

    assert isinstance(raised, AlarmRaised)
    assert "journal.damaged-1" in raised.detail
    assert isinstance(over, AlarmCleared)
    assert over.code == raised.code


def test_a_sound_journal_is_not_spoken_of() -> None:
    assert damaged_journal(None, SETTING, NINE) == ()
