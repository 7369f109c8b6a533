"""The last good roster of one door: verified, sealed at rest, never rolled back.

The file holds the controller's signed manifest and the sealed parts as they came, all
sealed once more with the door's own local key; reading it back verifies everything
again, so a disk that was tampered with gives no roster rather than another one. It is
replaced whole: written beside, flushed, renamed.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from domain.errors import RosterRejected, SealBroken, StorageError
from edge_agent.inputs import Input, RosterStored, RosterUnusable
from edge_agent.roster_index import RosterIndex
from wire import sealing
from wire.keys import DoorKeys
from wire.roster_parts import PackedRoster, RosterInbox, unpack
from wire.sealing import RandomBytes

ROSTER: Final = "roster.sealed"

_LENGTH: Final = 4


class RosterStore:
    """The roster's file. Blocking: called off the loop.

    `faces`: this door looks at faces, so they are laid out for searching.
    """

    def __init__(
        self,
        folder: Path,
        keys: DoorKeys,
        *,
        faces: bool = False,
        random_bytes: RandomBytes,
    ) -> None:
        self._faces = faces
        self._path = folder / ROSTER
        self._keys = keys
        self._random_bytes = random_bytes
        self._context = sealing.context("roster at rest", keys.site, keys.door)

    def load(self, *, at_least: int) -> RosterIndex | None:
        """The roster that was in force, or None if there never was one.

        Raises:
            RosterRejected: damaged, or older than `at_least`, which was in force.
            StorageError: the disk failed.
        """
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"roster `{self._path}`: {error.strerror}") from error
        try:
            plain = sealing.open_local(self._keys.local, sealed, context=self._context)
        except SealBroken as error:
            raise RosterRejected(f"the stored roster is damaged: {error}") from None
        index = self.read(_split(plain), newer_than=None)
        if index.number < at_least:
            raise RosterRejected(
                f"the stored roster {index.number} is older than {at_least}"
            )
        return index

    def read(self, packed: PackedRoster, *, newer_than: int | None) -> RosterIndex:
        """Verify a roster and make it ready for look-ups.

        Raises:
            RosterRejected: says what is wrong.
        """
        roster = unpack(
            packed,
            controller=self._keys.controller,
            opening=self._keys.open,
            site=self._keys.site,
            door=self._keys.door,
            newer_than=newer_than,
        )
        index = RosterIndex(roster)
        if self._faces:
            _ = index.gallery  # built here and not at the first face
        return index

    def store(self, packed: PackedRoster) -> None:
        """Replace the file; on the disk once this returns.

        Raises:
            StorageError: the old one is still there.
        """
        sealed = sealing.seal_local(
            self._keys.local,
            _join(packed),
            context=self._context,
            random_bytes=self._random_bytes,
        )
        beside = self._path.with_suffix(".new")
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(self._path)
            _flush_folder(self._path.parent)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise StorageError(f"roster `{self._path}`: {error.strerror}") from error


class RosterDesk:
    """Takes what arrives under `…/roster/+` and turns it into inputs of the door.

    `number`: of the roster in force, which nothing may go below; `lost`: it could not
    be read back, so that it is taken once more. `applied` is told whenever another one
    comes into force.
    """

    def __init__(
        self,
        store: RosterStore,
        keys: DoorKeys,
        put: Callable[[Input], None],
        applied: Callable[[RosterIndex], None],
        *,
        number: int,
        lost: bool,
    ) -> None:
        self._store = store
        self._put = put
        self._applied = applied
        self._newer_than = number - 1 if lost else number
        self._inbox = RosterInbox(
            controller=keys.controller,
            site=keys.site,
            door=keys.door,
            number=number,
            lost=lost,
        )

    async def take(self, part: str, payload: bytes) -> None:
        """One message. A roster that is whole is verified and stored, off the loop,
        before the door hears of it: the door's event is its receipt."""
        loop = asyncio.get_running_loop()
        try:
            packed = self._inbox.take(part, payload)
            if packed is None:
                return
            index = await loop.run_in_executor(
                None, partial(self._store.read, packed, newer_than=self._newer_than)
            )
            await loop.run_in_executor(None, self._store.store, packed)
        except (RosterRejected, StorageError) as error:
            self._put(RosterUnusable(None, str(error)))
            return
        self._newer_than = index.number
        self._inbox.in_force(index.number)
        self._put(RosterStored(index))
        self._applied(index)


def _join(packed: PackedRoster) -> bytes:
    pieces = (packed.manifest, *packed.parts)
    return b"".join(len(p).to_bytes(_LENGTH) + p for p in pieces)


def _split(plain: bytes) -> PackedRoster:
    pieces: list[bytes] = []
    at = 0
    while at < len(plain):
        length = int.from_bytes(plain[at : at + _LENGTH])
        at += _LENGTH
        pieces.append(plain[at : at + length])
        at += length
    if not pieces:
        raise RosterRejected("the stored roster is empty")
    return PackedRoster(pieces[0], tuple(pieces[1:]))


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
