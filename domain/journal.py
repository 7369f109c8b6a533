"""The tamper-evident journal of one door: each entry commits to all before it.

An entry's `body` is the exact bytes the door signed (see `wire.envelope`): they
contain `seq` and `previous`, the digest of the entry before, so one hash over the
body commits to the whole past. A chain shows gaps and edits in the middle; somebody
who can rewrite *all* of it can forge it, so the agent sends the latest digest with
every message and the controller remembers it.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

GENESIS: Final = bytes(32)  # `previous` of the first entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal line: `seq` counts from 0 without gaps, per door."""

    seq: int
    previous: bytes  # 32 bytes: digest of entry seq - 1, or GENESIS
    body: bytes  # the signed bytes
    signature: bytes  # 64 bytes, Ed25519 by the door over `body`

    @property
    def digest(self) -> bytes:
        return sha256(self.body).digest()


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of a chain: what the next entry must name."""

    seq: int  # -1: nothing yet
    digest: bytes


EMPTY: Final = Tip(-1, GENESIS)


class Continuity(StrEnum):
    """How an entry stands to the chain that is already held."""

    NEXT = "next"
    REPEAT = "repeat"  # seq already held (the same bytes or not: compare digests)
    GAP = "gap"  # entries before it are missing
    FORK = "fork"  # it is the next by number but names another past


def continuity(tip: Tip, seq: int, previous: bytes) -> Continuity:
    if seq <= tip.seq:
        return Continuity.REPEAT
    if seq > tip.seq + 1:
        return Continuity.GAP
    return Continuity.NEXT if previous == tip.digest else Continuity.FORK


def first_break(entries: tuple[Entry, ...], tip: Tip = EMPTY) -> int | None:
    """`seq` of the first entry that does not follow the one before, or None."""
    for entry in entries:
        if continuity(tip, entry.seq, entry.previous) is not Continuity.NEXT:
            return entry.seq
        tip = Tip(entry.seq, entry.digest)
    return None
