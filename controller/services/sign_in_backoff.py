"""How often a sign-in is looked at: failures in a row, attempts a minute (G7.2.1-3)."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from controller.services.passwords import Busy
from domain.clock import Clock

TRIES: Final = 5
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=15)
MOST: Final = 30
_MINUTE: Final = timedelta(minutes=1)
REMEMBERED: Final = 1000


@dataclass(slots=True)
class _Failures:
    times: int = 0
    until: datetime | None = None


class Backoff:
    """Failures in a row, by name; attempts in a minute, of all names together.

    In memory: nobody outside can restart the office.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_name: OrderedDict[str, _Failures] = OrderedDict()
        self._latest: deque[datetime] = deque(maxlen=MOST)

    def retry_after(self, name: str) -> int:
        """Seconds until this name is looked at again; 0: now."""
        known = self._by_name.get(name)
        if known is None or known.until is None:
            return 0
        left = known.until - self._clock.now()
        return max(0, -(-left // timedelta(seconds=1)))

    def spend(self) -> None:
        """
        Raises:
            Busy: as many were looked at in the last minute as will be.
        """
        now = self._clock.now()
        if len(self._latest) == MOST and now - self._latest[0] < _MINUTE:
            raise Busy("too many attempts in a minute")
        self._latest.append(now)

    def failed(self, name: str) -> None:
        known = self._by_name.setdefault(name, _Failures())
        self._by_name.move_to_end(name)
        known.times += 1
        if known.times >= TRIES:
            wait = min(FIRST_WAIT * 2 ** min(known.times - TRIES, 8), LONGEST_WAIT)
            known.until = self._clock.now() + wait
        while len(self._by_name) > REMEMBERED:
            self._by_name.popitem(last=False)

    def succeeded(self, name: str) -> None:
        self._by_name.pop(name, None)
