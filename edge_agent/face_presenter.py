"""Who stands before the camera: one presentation for each appearance.

Looks when something moved, and at once (then twice a second) when an attempt waits
for a face. A face is presented once; the next presentation needs a picture without a
face in between, or an attempt that begins to wait for one. That attempt is not given
the face of the one before, who may still stand there. Several faces at once are
nobody's presentation: the engine is asked again. Pictures go no further than this.

Whom the attempt names is compared first, 1:1 and a little more loosely; then all
people of the door, 1:N. A face that is nobody's gets a few more pictures before it is
presented as unknown: one blurred picture is not a refusal.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from config.schema import FaceLimits
from domain.credentials import Factor
from domain.errors import DeviceError
from domain.ids import DeviceId, PersonId
from domain.policy import Side
from edge_agent.inputs import DeviceDown, DeviceUp, FactorPresented, Input
from edge_agent.presenters import check
from edge_agent.roster_index import RosterIndex
from hardware.faces.matching import identify, verify
from hardware.ports import (
    Camera,
    Embedding,
    FaceEngine,
    FaceFound,
    FaceRead,
    NoFace,
    SeveralFaces,
)
from wire.link import Backoff

POLL: Final = 0.5  # seconds between pictures while a face is awaited
TRIES: Final = 3  # pictures before a face is called unknown
AGAIN: Final = 0.15  # seconds between them
# People above which a search leaves the loop: about 2 ms on a PC, 10 ms on a Pi.
LARGE: Final = 5000


class FaceDesk(Protocol):
    """What the camera's task may ask of its door."""

    @property
    def index(self) -> RosterIndex | None: ...

    def named(self, at: datetime) -> PersonId | None: ...

    def face_awaited(self) -> datetime | None:
        """Since when an attempt waits for a face; None: none does."""

    def face_settled(self, at: datetime) -> bool: ...


class FacePresenter:
    def __init__(
        self,
        camera: Camera,
        engine: FaceEngine,
        desk: FaceDesk,
        put: Callable[[Input], None],
        *,
        engine_name: DeviceId,
        limits: FaceLimits,
        now: Callable[[], datetime],
        backoff: Backoff,
    ) -> None:
        self._camera = camera
        self._engine = engine
        self._desk = desk
        self._put = put
        self._engine_name = engine_name
        self._limits = limits
        self._now = now
        self._backoff = backoff
        self._wanted = asyncio.Event()
        self._awaited: datetime | None = None
        self._armed = True
        self._still: tuple[PersonId | None] | None = None  # presented, and not gone

    def look_again(self) -> None:
        """The door's state has changed: a face may be awaited now."""
        awaited = self._desk.face_awaited()
        if awaited is not None and awaited != self._awaited:
            self._armed = True
            self._wanted.set()
        self._awaited = awaited

    async def serve(self) -> None:
        """Until the camera fails."""
        motion = asyncio.ensure_future(self._camera.motion())
        try:
            while True:
                await self._until_worth_a_look(motion)
                if motion.done():
                    motion.result()  # the camera's failure, if it was one
                    # Before the picture: what moves meanwhile is not missed.
                    motion = asyncio.ensure_future(self._camera.motion())
                await self._look()
        finally:
            motion.cancel()
            await asyncio.gather(motion, return_exceptions=True)

    async def _until_worth_a_look(self, motion: "asyncio.Future[None]") -> None:
        wanted = asyncio.ensure_future(self._wanted.wait())
        patience = POLL if self._awaited is not None and self._armed else None
        try:
            await asyncio.wait(
                (motion, wanted),
                timeout=patience,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._wanted.clear()
            wanted.cancel()
            await asyncio.gather(wanted, return_exceptions=True)

    async def _look(self) -> None:
        match await self._read():
            case NoFace():
                self._gone()
            case FaceFound(embedding=embedding) if self._armed:
                await self._present(embedding)
            case FaceFound() | SeveralFaces() | None:
                pass

    async def _present(self, embedding: Embedding) -> None:
        person = await self._who(embedding)
        for _ in range(TRIES - 1):
            if person is not None:
                break
            await asyncio.sleep(AGAIN)
            read = await self._read()
            if not isinstance(read, FaceFound):
                if isinstance(read, NoFace):
                    self._gone()
                return  # gone, or not alone any more: nobody was presented
            person = await self._who(read.embedding)
        now = self._now()
        if self._still == (person,) and person != self._desk.named(now):
            return  # of the attempt before; whom this one waits for is yet to come
        self._armed, self._still = False, (person,)
        if person is None and self._desk.face_settled(now):
            return
        self._put(FactorPresented(side=Side.ENTRY, factor=Factor.FACE, person=person))

    def _gone(self) -> None:
        """Nobody stands there: whoever comes next is presented."""
        self._armed, self._still = True, None

    async def _who(self, embedding: Embedding) -> PersonId | None:
        index = self._desk.index
        if index is None:
            return None
        named = self._desk.named(self._now())
        if named is not None:
            enrolled = index.faces(named)
            if verify(embedding, enrolled, threshold=self._limits.verify).matches:
                return named
        if len(index) <= LARGE:
            return self._search(embedding, index)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._search, embedding, index)

    def _search(self, embedding: Embedding, index: RosterIndex) -> PersonId | None:
        limit = self._limits.identify
        return identify(embedding, index.gallery, threshold=limit).person

    async def _read(self) -> FaceRead | None:
        """What the engine sees now; None while the engine is gone."""
        picture = await self._camera.frame()
        try:
            return await self._engine.read(picture)
        except DeviceError as error:
            self._put(DeviceDown(self._engine_name, f"{error.code}: {error}"))
        await asyncio.sleep(self._backoff.next())
        try:
            await check(self._engine)
        except DeviceError:
            return None
        self._backoff.reset()
        self._put(DeviceUp(self._engine_name))
        return None
