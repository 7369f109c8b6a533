"""Who is signed in: sessions that the office keeps and can end at any moment.

The browser keeps a token of 32 random bytes, the register its digest. A session locks
itself after `IDLE` without use (G7.1.2) and ends after `LONGEST`, a shift; both
half-open: at the instant itself it is locked, or over. Each look reads the register,
so that what another process ended (`menshen operator disable`) is over at once.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from controller.services.office import Act, Office
from controller.store import operators as store
from controller.store.operators import StoredSession
from domain.ids import CONTROLLER
from domain.operator_events import OperatorLocked, OperatorSignedOut
from domain.operators import Operator, OperatorId
from wire.sealing import RandomBytes

IDLE: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=12)
# How far `seen_at` in the register may lag: a write for every click would wear disks.
_LAG: Final = timedelta(minutes=1)
_TOKEN: Final = 32  # bytes
_CSRF: Final = b"menshen console form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser of one operator, as of a request."""

    id: str
    operator: Operator
    began_at: datetime
    locked: bool
    token: str = field(repr=False)

    @property
    def csrf(self) -> str:
        return csrf_of(self.token)


def csrf_of(token: str) -> str:
    """What a form carries to show that its page was given to this browser."""
    return hmac.new(token.encode(), _CSRF, "sha256").hexdigest()


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    def __init__(self, office: Office, random_bytes: RandomBytes) -> None:
        self.office = office
        self._random_bytes = random_bytes
        self._seen: dict[str, datetime] = {}
        # Counts what may have ended, locked or unlocked a session, for those who
        # hold one open for long.
        self.changes = 0

    def heard(self, what: object) -> None:
        """Listens to the log: what another process did to sessions is in there."""
        if getattr(what, "type", "operator_").startswith("operator_"):
            self.changes += 1

    def new_token(self) -> str:
        return self._random_bytes(_TOKEN).hex()

    async def find(self, token: str, *, active: bool) -> Session | None:
        """The session of a browser, if it is open. `active`: somebody is using it,
        which keeps it from locking.

        Raises:
            StorageError: the register cannot be read.
        """
        id_, now = digest_of(token), self.office.clock.now()

        def look(connection: Connection) -> tuple[StoredSession, Operator] | None:
            stored = store.session(connection, id_)
            if stored is None or stored.ended_at is not None:
                return None
            operator = store.operator(connection, stored.operator)
            if operator is None or operator.disabled_at is not None:
                return None
            return stored, operator

        found = await self.office.database.read(look)
        if found is None:
            self._seen.pop(id_, None)
            return None
        stored, operator = found
        if now - stored.began_at >= LONGEST:
            await self.end(stored.id, operator.id, cause="ended")
            return None
        locked = stored.locked_at is not None
        if not locked:
            locked = await self._use(stored, now, active=active)
        return Session(
            id=stored.id,
            operator=operator,
            began_at=stored.began_at,
            locked=locked,
            token=token,
        )

    def used(self, session: Session) -> None:
        """It was unlocked just now."""
        self._seen[session.id] = self.office.clock.now()
        self.changes += 1

    async def lock(self, session: Session, *, idle: bool = False) -> None:
        await self._lock(session.id, session.operator.id, idle=idle)

    async def end(self, id_: str, operator: OperatorId, *, cause: str) -> None:
        """End one session of the operator; another's, or an ended one, is left."""

        def work(act: Act) -> None:
            own = {s.id for s in store.open_sessions(act.connection, operator)}
            _end(act, operator, own & {id_}, cause)

        await self.office.act(work)
        self._seen.pop(id_, None)
        self.changes += 1

    async def end_all(self, operator: OperatorId, *, cause: str) -> None:
        await self.office.act(lambda act: end_all(act, operator, cause))
        self.changes += 1

    async def of(self, operator: OperatorId) -> tuple[StoredSession, ...]:
        """The open ones, oldest first."""
        return await self.office.database.read(
            lambda c: store.open_sessions(c, operator)
        )

    async def _use(self, stored: StoredSession, now: datetime, *, active: bool) -> bool:
        """Whether it has locked by now; else note that it is used."""
        seen = max(stored.seen_at, self._seen.get(stored.id, stored.seen_at))
        if now - seen >= IDLE:
            await self._lock(stored.id, stored.operator, idle=True)
            return True
        if active:
            self._seen[stored.id] = now
            if now - stored.seen_at >= _LAG:
                await self.office.database.write(
                    lambda c: store.touch_session(c, stored.id, now)
                )
        return False

    async def _lock(self, id_: str, operator: OperatorId, *, idle: bool) -> None:
        def work(act: Act) -> None:
            if store.lock_session(act.connection, id_, act.at):
                act.say(
                    OperatorLocked(
                        door=CONTROLLER, at=act.at, operator=operator, idle=idle
                    )
                )

        await self.office.act(work)
        self.changes += 1


def end_all(act: Act, operator: OperatorId, cause: str) -> None:
    """Within an act: no session of the operator stays open."""
    everyone = {s.id for s in store.open_sessions(act.connection, operator)}
    _end(act, operator, everyone, cause)


def end_others(act: Act, session: Session, cause: str) -> None:
    """Within an act: of this operator's sessions only this one stays open."""
    operator = session.operator.id
    everyone = {s.id for s in store.open_sessions(act.connection, operator)}
    _end(act, operator, everyone - {session.id}, cause)


def _end(act: Act, operator: OperatorId, ids: set[str], cause: str) -> None:
    if store.end_sessions(act.connection, ids, act.at, cause):
        act.say(
            OperatorSignedOut(
                door=CONTROLLER, at=act.at, operator=operator, cause=cause
            )
        )
