"""A roster on its way to one door: compressed, cut, sealed, under one manifest.

    Roster -> JSON -> zlib -> pieces -> each sealed to the door's key, <= 256 KiB
    manifest: signed by the controller; number, door, end, SHA-256 of every part

A part begins with the roster's number (8 bytes, big-endian), so that a part of another
roster is told from a damaged one. Laws: a roster is applied whole or not at all; what
is truncated, damaged, foreign, unsigned or not newer is `RosterRejected` and the error
says which. The broker can read the manifest (a number, a door, sizes) and no more.

Parts are published first, the manifest last. All are retained, so they may arrive in
any order and with parts of an older roster between them: `RosterInbox` sorts them.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from domain.errors import (
    CallerError,
    MessageMalformed,
    RosterRejected,
    SealBroken,
    SignatureInvalid,
    UnknownMessageType,
)
from domain.ids import DoorId, SiteId
from domain.roster import Roster
from wire import frame, json_v1, topics
from wire.codec import Digest
from wire.envelope import sign
from wire.messages import RosterManifest
from wire.sealing import (
    SEAL_OVERHEAD,
    OpeningKey,
    RandomBytes,
    SigningKey,
    context,
    seal,
)

PART_BYTES: Final = 256 * 1024  # with its head
MAX_PARTS: Final = 900  # so that the manifest fits into one signed document
MAX_PLAIN: Final = 1024 * 1024 * 1024  # bytes of JSON: beyond, no door could hold it

_LEVEL: Final = 6  # of zlib
_HEAD: Final = 8
_PIECE: Final = PART_BYTES - _HEAD - SEAL_OVERHEAD


@dataclass(frozen=True, slots=True)
class PackedRoster:
    """As published, and as a door may keep it on its disk: still sealed."""

    manifest: bytes
    parts: tuple[bytes, ...]


def pack(
    roster: Roster, *, key: SigningKey, seal_to: bytes, random_bytes: RandomBytes
) -> PackedRoster:
    """`roster` for the owner of the X25519 key `seal_to`.

    Raises:
        CallerError: larger than `MAX_PARTS` parts.
    """
    plain = json_v1.to_bytes(roster)
    packed = zlib.compress(plain, _LEVEL)
    pieces = [packed[n : n + _PIECE] for n in range(0, len(packed), _PIECE)]
    if len(pieces) > MAX_PARTS or len(plain) > MAX_PLAIN:
        raise CallerError(f"roster {roster.number} is too large for a door")
    head = roster.number.to_bytes(_HEAD)
    parts = tuple(
        head
        + seal(
            seal_to,
            piece,
            context=_place(roster.site, roster.door, roster.number, index),
            random_bytes=random_bytes,
        )
        for index, piece in enumerate(pieces)
    )
    manifest = RosterManifest(
        site=roster.site,
        door=roster.door,
        number=roster.number,
        valid_until=roster.valid_until,
        parts=tuple(Digest(sha256(part).digest()) for part in parts),
        digest=Digest(sha256(packed).digest()),
        size=len(packed),
    )
    signed = sign(key, json_v1.to_bytes(manifest))
    return PackedRoster(frame.pack([signed]), parts)


def read_manifest(
    payload: bytes, *, controller: bytes, site: SiteId, door: DoorId
) -> RosterManifest:
    """What the controller signed for this door.

    Raises:
        RosterRejected: not a manifest, not signed by `controller`, or foreign.
    """
    try:
        documents = frame.unpack(payload)
        if len(documents) != 1:
            raise RosterRejected("the manifest is not one document")
        documents[0].verify(controller)
        manifest = json_v1.from_bytes(RosterManifest, documents[0].signed)
    except SignatureInvalid:
        raise RosterRejected("the manifest is not signed by the controller") from None
    except (MessageMalformed, UnknownMessageType) as error:
        raise RosterRejected(f"the manifest is damaged: {error}") from None
    if (manifest.site, manifest.door) != (site, door):
        raise RosterRejected(
            f"the roster is for door `{manifest.door}` of site `{manifest.site}`"
        )
    if not 1 <= len(manifest.parts) <= MAX_PARTS or manifest.number < 0:
        raise RosterRejected("the manifest counts what cannot be")
    return manifest


def unpack(
    packed: PackedRoster,
    *,
    controller: bytes,
    opening: OpeningKey,
    site: SiteId,
    door: DoorId,
    newer_than: int | None,
) -> Roster:
    """The whole roster, or nothing. Takes a while for a large one: off the loop.

    `newer_than`: number of the roster in force; None if there is none, or to read one
    back from the door's own disk.

    Raises:
        RosterRejected: says what is wrong.
    """
    manifest = read_manifest(
        packed.manifest, controller=controller, site=site, door=door
    )
    if newer_than is not None and manifest.number <= newer_than:
        raise RosterRejected(f"roster {manifest.number} is not newer than {newer_than}")
    if len(packed.parts) != len(manifest.parts):
        raise RosterRejected(
            f"the roster has {len(manifest.parts)} parts, {len(packed.parts)} are here"
        )
    for index, part in enumerate(packed.parts):
        demand_part(manifest, index, part)
    pieces = [
        _open(opening, part[_HEAD:], manifest, index)
        for index, part in enumerate(packed.parts)
    ]
    return _read_roster(_decompress(b"".join(pieces), manifest), manifest)


def demand_part(manifest: RosterManifest, index: int, part: bytes) -> None:
    """Pass if `part` is part `index` under this manifest, byte for byte.

    Raises:
        RosterRejected: it is not.
    """
    if sha256(part).digest() != manifest.parts[index]:
        raise RosterRejected(f"part {index} of roster {manifest.number} is damaged")


class RosterInbox:
    """Sorts what arrives under `…/roster/+` until one whole roster is there.

    `number`: of the roster in force; 0 for none. `lost`: it is there no more, so it is
    wanted once more. Hold the result only after `unpack` succeeded, then tell
    `in_force`.
    """

    def __init__(
        self,
        *,
        controller: bytes,
        site: SiteId,
        door: DoorId,
        number: int = 0,
        lost: bool = False,
    ) -> None:
        self._controller = controller
        self._site = site
        self._door = door
        self._number = number
        self._lost = lost
        self._manifest: tuple[RosterManifest, bytes] | None = None
        self._parts: dict[int, bytes] = {}

    @property
    def missing(self) -> tuple[int, ...]:
        """Parts that the latest manifest names and that are not here yet."""
        if self._manifest is None:
            return ()
        manifest, _ = self._manifest
        return tuple(
            n
            for n in range(len(manifest.parts))
            if not _belongs(manifest, self._parts, n)
        )

    def take(self, part: str, payload: bytes) -> PackedRoster | None:
        """One message; `part` as in `wire.topics.Topic`. The roster once it is whole.

        Raises:
            RosterRejected: the manifest is unsound, foreign or older than what is in
                force, or a part of this very roster is damaged. The inbox goes on.
        """
        if not payload:  # an emptied retained topic
            return None
        if part == topics.MANIFEST:
            self._take_manifest(payload)
        elif int(part) < MAX_PARTS and len(payload) <= PART_BYTES:
            self._take_part(int(part), payload)
        return self._whole()

    def in_force(self, number: int) -> None:
        """Roster `number` was applied; older ones are refused from now on."""
        self._number, self._lost = number, False
        if self._manifest is not None and self._manifest[0].number <= number:
            self._manifest = None
            self._parts.clear()

    def _take_manifest(self, payload: bytes) -> None:
        manifest = read_manifest(
            payload, controller=self._controller, site=self._site, door=self._door
        )
        if manifest.number == self._number and not self._lost:
            return  # what is in force, lying there retained
        if manifest.number < self._number:
            raise RosterRejected(
                f"roster {manifest.number} is older than {self._number}, "
                "which is in force"
            )
        if self._manifest is None or self._manifest[0].number < manifest.number:
            self._manifest = manifest, payload
            for index in [n for n in self._parts if n >= len(manifest.parts)]:
                del self._parts[index]
            for index, part in self._parts.items():
                self._demand_sound(index, part)

    def _take_part(self, index: int, payload: bytes) -> None:
        self._parts[index] = payload
        self._demand_sound(index, payload)

    def _demand_sound(self, index: int, part: bytes) -> None:
        """Parts of other rosters may lie about; one of this roster must be right."""
        if self._manifest is None or index >= len(self._manifest[0].parts):
            return
        manifest = self._manifest[0]
        if part[:_HEAD] == manifest.number.to_bytes(_HEAD):
            demand_part(manifest, index, part)

    def _whole(self) -> PackedRoster | None:
        if self._manifest is None or self.missing:
            return None
        manifest, payload = self._manifest
        parts = tuple(self._parts[n] for n in range(len(manifest.parts)))
        return PackedRoster(payload, parts)


def _belongs(manifest: RosterManifest, parts: Mapping[int, bytes], index: int) -> bool:
    part = parts.get(index)
    return part is not None and sha256(part).digest() == manifest.parts[index]


def _open(
    opening: OpeningKey, sealed: bytes, manifest: RosterManifest, index: int
) -> bytes:
    place = _place(manifest.site, manifest.door, manifest.number, index)
    try:
        return opening.open(sealed, context=place)
    except SealBroken as error:
        raise RosterRejected(
            f"roster {manifest.number} cannot be opened: {error}"
        ) from None


def _decompress(packed: bytes, manifest: RosterManifest) -> bytes:
    if len(packed) != manifest.size or sha256(packed).digest() != manifest.digest:
        raise RosterRejected("the roster is not what its manifest says")
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(packed, MAX_PLAIN)
    except zlib.error:
        raise RosterRejected("the roster cannot be decompressed") from None
    if not stream.eof or stream.unused_data:
        raise RosterRejected("the roster does not end where it should")
    return plain


def _read_roster(plain: bytes, manifest: RosterManifest) -> Roster:
    try:
        roster = json_v1.from_bytes(Roster, plain)
    except (MessageMalformed, UnknownMessageType) as error:
        raise RosterRejected(f"the roster is malformed: {error}") from None
    said = (roster.site, roster.door, roster.number, roster.valid_until)
    if said != (manifest.site, manifest.door, manifest.number, manifest.valid_until):
        raise RosterRejected("the roster is not the one its manifest names")
    return roster


def _place(site: SiteId, door: DoorId, number: int, index: int) -> bytes:
    return context("roster", site, door, number, index)
