"""The controller's own acts, in the same log as the doors': signed and chained.

The sender is `domain.ids.CONTROLLER`. Because a write transaction holds the only write
lock, its chain stays whole even when a command-line call records beside a running
controller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from controller.services.projections import project
from controller.store import envelopes
from controller.store.envelopes import Stored
from domain.clock import Clock
from domain.events import Event
from domain.ids import CONTROLLER
from domain.journal import Tip
from wire import json_v1
from wire.envelope import encode, sign
from wire.sealing import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    key: SigningKey
    clock: Clock

    def record(self, connection: Connection, events: Sequence[Event]) -> list[Stored]:
        """Append `events`, which the controller says, to the log; in one transaction
        with what they tell of."""
        tip = envelopes.tip(connection, CONTROLLER)
        position = envelopes.last_position(connection)
        entries: list[Stored] = []
        for event in events:
            envelope = json_v1.envelope_of(event, seq=tip.seq + 1, previous=tip.digest)
            signed = sign(self.key, encode(envelope))
            tip = Tip(envelope.seq, signed.digest)
            position += 1
            entries.append(
                Stored(
                    position=position,
                    door=CONTROLLER,
                    seq=envelope.seq,
                    type=envelope.type,
                    at=event.at,
                    received_at=self.clock.now(),
                    signed=signed,
                    event=event,
                )
            )
        envelopes.append(connection, entries)
        project(connection, entries)
        return entries
