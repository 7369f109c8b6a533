"""What a person presents at a door, and how it is held.

No raw badge number, PIN or picture appears in any of these types: badges are keyed
digests, PINs keyed verifiers, fingers and faces templates.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import CredentialId


class Factor(StrEnum):
    """认证要素: one kind of proof of who somebody is."""

    BADGE = "badge"
    FINGERPRINT = "fingerprint"
    FACE = "face"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential of one person, as a door's roster carries it.

    `data` by factor: badge, 32 bytes keyed digest of the number; fingerprint, the
    module's template; face, 128 little-endian float32; PIN, 32 bytes keyed verifier.
    `duress`: presented under threat; opens as usual and alarms silently.
    It admits in [since, until); None: without that end. Outside it still says who goes
    out: a day badge after midnight, and the one that was left at home before.
    """

    id: CredentialId
    factor: Factor
    data: bytes
    duress: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def admits(self, at: datetime) -> bool:
        begun = self.since is None or self.since <= at
        return begun and (self.until is None or at < self.until)

    def __repr__(self) -> str:
        return f"Credential(id={self.id!r}, factor={self.factor!r})"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a person says of phones, cameras and storage (G5.3.3-1), per entry.

    `locker` is None for "nothing with me" (`0#`), or the number of the locker at
    the entrance that holds it.
    """

    locker: int | None

    def __str__(self) -> str:
        return "none" if self.locker is None else f"locker:{self.locker}"
