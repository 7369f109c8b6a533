"""What a door says of its own presence: retained, with a last will behind it.

The will is handed to the broker when a connection begins, so whoever makes the link
asks here for it, with the same session under which the door then says it is there.
"""

from datetime import datetime

from domain.ids import DoorId, SiteId
from wire import json_v1, topics
from wire.link import Will
from wire.messages import DoorState, Status


def will(site: SiteId, door: DoorId, *, at: datetime, session: str) -> Will:
    """What the broker says once the door has vanished."""
    return Will(topics.status(site, door), offline(at=at, session=session))


def online(*, at: datetime, session: str) -> bytes:
    return _status(DoorState.ONLINE, at, session)


def offline(*, at: datetime, session: str) -> bytes:
    return _status(DoorState.OFFLINE, at, session)


def _status(state: DoorState, at: datetime, session: str) -> bytes:
    return json_v1.to_bytes(Status(state=state, at=at, session=session))
