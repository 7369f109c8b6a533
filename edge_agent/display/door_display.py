"""The display of one living door: what its pages are shown, and when anew.

It listens to the door and touches nothing of it. Pictures are made where they are
asked for, in the task of a page's connection: if that fails, a page fails, no door.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, Protocol, cast

from domain.clock import Clock
from domain.doorway import Doorway
from domain.events import Event
from domain.ids import PersonId
from edge_agent.display.picture import View
from edge_agent.display.scene import Place, Scene, Told, is_told
from edge_agent.display.view import view
from edge_agent.roster_index import RosterIndex

# Seconds. What is not an event (the network, a camera) shows within this; and a page
# that hears nothing for some of them knows that its door is gone.
EVERY: Final = 1.0
# Enough for whatever can be on the screen at once: it is a matter of seconds.
_KEPT: Final = 64


class Source(Protocol):
    """What the display asks of its door; `door_loop.DoorLoop` is one."""

    @property
    def doorway(self) -> Doorway: ...
    @property
    def index(self) -> RosterIndex | None: ...
    @property
    def connected(self) -> bool: ...
    @property
    def clock_trusted(self) -> bool: ...
    @property
    def journal_writable(self) -> bool: ...
    @property
    def face_available(self) -> bool: ...


class DoorDisplay:
    def __init__(self, place: Place, source: Source, clock: Clock) -> None:
        self.place = place
        self._source = source
        self._clock = clock
        self._recent: deque[Told] = deque(maxlen=_KEPT)
        self._offline_since: datetime | None = None
        self._changed = asyncio.Event()

    def hear(self, event: Event) -> None:
        """An event of any door of the agent, just recorded."""
        if event.door == self.place.door.id and is_told(event):
            self._recent.append(cast(Told, event))
        self.wake()

    def wake(self) -> None:
        """Let every page look again."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def view(self) -> View:
        """The picture of now."""
        return view(self._scene())

    async def pictures(self) -> AsyncIterator[View]:
        """The picture of now, then again at every change, and each second at least."""
        while True:
            changed = self._changed  # before the look: no change is missed
            now = self.view()
            yield now
            wait = EVERY
            if now.until is not None:
                left = (now.until - self._clock.now()).total_seconds()
                wait = min(EVERY, max(0.0, left))
            try:
                async with asyncio.timeout(wait):
                    await changed.wait()
            except TimeoutError:
                pass

    def _scene(self) -> Scene:
        source, at = self._source, self._clock.now()
        if source.connected:
            self._offline_since = None
        elif self._offline_since is None:
            self._offline_since = at
        index = source.index
        return Scene(
            place=self.place,
            doorway=source.doorway,
            recent=tuple(self._recent),
            at=at,
            name_of=self._name_of,
            offline_since=self._offline_since,
            clock_trusted=source.clock_trusted,
            journal_writable=source.journal_writable,
            roster_expired=index is None or at >= index.valid_until,
            face_available=source.face_available,
        )

    def _name_of(self, person: PersonId) -> str | None:
        index = self._source.index
        entry = None if index is None else index.people.get(person)
        return None if entry is None else entry.person.name
