"""Weekly hours with holidays, in the site's time zone.

Half-open windows of local wall-clock time, [opens, closes). A window may end at
24:00; one that crosses midnight is written as two. Daylight saving: the local wall
clock is what the window means, so a skipped hour is skipped and a repeated hour is
open twice.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from domain.ids import ScheduleId

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes after local midnight, [opens, closes), on one weekday."""

    weekday: int  # 0 Monday … 6 Sunday
    opens: int  # 0..1439
    closes: int  # 1..1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`windows` on ordinary days; on `holidays`, `holiday_windows` instead, whose
    weekday is ignored."""

    id: ScheduleId
    windows: tuple[Window, ...]
    holidays: frozenset[date]
    holiday_windows: tuple[Window, ...]

    def covers(self, at: datetime, zone: tzinfo) -> bool:
        """Whether `at` (aware) lies in one of the windows, seen in `zone`."""
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if local.date() in self.holidays:
            windows, weekday = self.holiday_windows, None
        else:
            windows, weekday = self.windows, local.weekday()
        for w in windows:  # half as long as any(): a door asks this of every grant
            if w.opens <= minute < w.closes and weekday in (None, w.weekday):
                return True
        return False
