"""Keeps the fingerprint module's templates to the roster's, no more and no fewer.

Which template lies in which slot is noted on the door's disk: before a template is
written as doubtful, after it as surely there; the other way round for deleting. So a
power cut in the middle is found and mended, and what the module holds beyond the note,
or lacks, or a module that is another one, is tampering: `device.changed`.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256

from domain.credentials import Credential
from domain.errors import DeviceError, DeviceRefused, StorageError
from domain.ids import CredentialId, DeviceId, PersonId
from edge_agent.inputs import DeviceChanged, Input
from edge_agent.journal_rows import Slot
from edge_agent.outbox import Outbox
from edge_agent.roster_index import RosterIndex
from hardware.ports import FingerprintSensor, SensorInfo
from wire.link import Backoff

log = logging.getLogger(__name__)

MODULE: str = "module"  # the setting that names the module last seen


class FingerprintSync:
    def __init__(
        self,
        name: DeviceId,
        sensor: FingerprintSensor,
        outbox: Outbox,
        put: Callable[[Input], None],
        *,
        slots: Iterable[Slot],
        module: str | None,
        backoff: Backoff,
    ) -> None:
        self._name = name
        self._sensor = sensor
        self._outbox = outbox
        self._put = put
        self._slots = {s.slot: s for s in slots}
        self._module = module
        self._backoff = backoff
        self._index: RosterIndex | None = None
        self._wake = asyncio.Event()
        self._done = asyncio.Event()

    def owner(self, slot: int) -> tuple[PersonId, bool] | None:
        """Whose template is in `slot`, and whether it says duress."""
        found = self._slots.get(slot)
        return None if found is None else (found.person, found.duress)

    def want(self, index: RosterIndex) -> None:
        """The templates of this roster are to be in the module."""
        self._index = index
        self.look_again()

    def look_again(self) -> None:
        """The module may have lost something: compare and mend."""
        self._done.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Return once the module holds what the roster says."""
        if self._index is not None:
            await self._done.wait()

    async def inspect(self) -> None:
        """A cheap look whether the module is still the one we left.

        Raises:
            DeviceError: it does not answer.
        """
        info = await self._sensor.info()
        ours = sum(s.written for s in self._slots.values())
        if self._done.is_set() and (
            info.templates != ours or _identity(info) != self._module
        ):
            self.look_again()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self._index is not None:
                    await self._sync(self._index)
            except (DeviceError, StorageError) as error:
                # Whether it is down is told by whoever serves its fingers.
                log.warning("fingerprint.sync", extra={"cause": error.code})
                await asyncio.sleep(self._backoff.next())
                self._wake.set()
            else:
                self._backoff.reset()
                if not self._wake.is_set():
                    self._done.set()

    async def _sync(self, index: RosterIndex) -> None:
        info = await self._sensor.info()
        await self._compare(info)
        wanted = {c.id: (p, c) for p, c in index.fingers()}
        for slot in tuple(self._slots.values()):
            kept = wanted.get(CredentialId(slot.credential))
            if kept is not None and slot.written and _digest(kept[1]) == slot.digest:
                del wanted[kept[1].id]
            else:
                await self._remove(slot)
        free = (n for n in range(info.capacity) if n not in self._slots)
        for person, credential in wanted.values():
            number = next(free, None)
            if number is None:
                self._tell(f"has room for {info.capacity} templates and needs more")
                return
            await self._write(number, person, credential)

    async def _compare(self, info: SensorInfo) -> None:
        """What is in the module against what we know to be there."""
        identity, known = _identity(info), self._module
        occupied = await self._sensor.occupied()
        if known is not None and identity != known:
            self._tell("another module answers than the one that was set up")
            await self._forget(tuple(self._slots))
        else:
            lost = [s for s in self._slots.values() if s.slot not in occupied]
            missing = [s.slot for s in lost if s.written]
            if missing:
                self._tell(f"{len(missing)} templates are gone from it")
            await self._forget([s.slot for s in lost])
        strange = sorted(occupied - frozenset(self._slots))
        if strange and identity == known:
            self._tell(f"{len(strange)} templates are in it that we did not write")
        for number in strange:
            await self._sensor.delete(number)
        if identity != known:
            await self._outbox.put_settings({MODULE: identity})
            self._module = identity

    async def _write(
        self, number: int, person: PersonId, credential: Credential
    ) -> None:
        slot = Slot(
            slot=number,
            credential=credential.id,
            person=person,
            digest=_digest(credential),
            duress=credential.duress,
            written=False,
        )
        await self._note(slot)
        try:
            await self._sensor.write_template(number, credential.data)
        except DeviceRefused:
            self._tell(f"did not take a template of {person}")
            await self._forget([number])
            return
        await self._note(replace(slot, written=True))

    async def _remove(self, slot: Slot) -> None:
        await self._note(replace(slot, written=False))
        await self._sensor.delete(slot.slot)
        await self._forget([slot.slot])

    async def _note(self, slot: Slot) -> None:
        await self._outbox.put_slot(slot)
        self._slots[slot.slot] = slot

    async def _forget(self, numbers: Iterable[int]) -> None:
        gone = tuple(numbers)
        if gone:
            await self._outbox.drop_slots(gone)
        for number in gone:
            self._slots.pop(number, None)

    def _tell(self, detail: str) -> None:
        self._put(DeviceChanged(self._name, detail))


def _identity(info: SensorInfo) -> str:
    return f"{info.system_id}/{info.capacity}"


def _digest(credential: Credential) -> bytes:
    return sha256(credential.data).digest()
