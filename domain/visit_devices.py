"""What visitors carry: declared at the desk, ticked off going out (G5.3.2-2b).

A storage device is deposited or its bearer does not come in. Going out nobody is
held: what is missing or was not declared is an incident, told and recorded.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.visit_problems import VisitProblem


class DeviceKind(StrEnum):
    PHONE = "phone"
    CAMERA = "camera"
    RECORDER = "recorder"
    LAPTOP = "laptop"
    TABLET = "tablet"
    STORAGE = "storage"  # USB stick, memory card, disk: 存储设备
    INSTRUMENT = "instrument"  # tools and measuring instruments
    OTHER = "other"


class Disposition(StrEnum):
    """What becomes of a device at the gate; one sent away is not there to declare."""

    DEPOSITED = "deposited"  # 寄存
    SEALED = "sealed"  # 封签带入: taken in, sealed where it can be


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedDevice:
    kind: DeviceKind
    type: str  # "ThinkPad T14"
    make: str
    serial: str
    disposition: Disposition

    @property
    def taken_in(self) -> bool:
        return self.disposition is Disposition.SEALED

    @property
    def complete(self) -> bool:
        return all(text.strip() for text in (self.type, self.make, self.serial))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDeclaration:
    """Everything one visitor carries; empty: "nothing besides", said and ticked.

    `locker` is where what they deposited lies.
    """

    devices: tuple[CarriedDevice, ...]
    locker: int | None
    at: datetime


ALWAYS_DEPOSITED: Final = frozenset({DeviceKind.STORAGE})
# Core zones: no phone, camera or storage (G5.3.3-1).
NEVER_IN_CORE: Final = frozenset(
    {DeviceKind.PHONE, DeviceKind.CAMERA, DeviceKind.RECORDER, DeviceKind.STORAGE}
)


def dispositions(
    kind: DeviceKind, deposit: frozenset[DeviceKind]
) -> tuple[Disposition, ...]:
    """What may become of a device of this kind; `deposit` as in `problems_of`."""
    if kind in ALWAYS_DEPOSITED | deposit:
        return (Disposition.DEPOSITED,)
    return tuple(Disposition)


def problems_of(
    declaration: DeviceDeclaration | None,
    *,
    detailed: bool,
    deposit: frozenset[DeviceKind],
) -> frozenset[VisitProblem]:
    """What is wrong with a declaration, before anybody is let in with it.

    `deposit`: kinds that must stay in a locker besides storage devices.
    """
    if declaration is None:
        return frozenset({VisitProblem.UNDECLARED})
    found = set()
    taken_in = {d.kind for d in declaration.devices if d.taken_in}
    if taken_in & ALWAYS_DEPOSITED:
        found.add(VisitProblem.STORAGE)
    if taken_in & (deposit - ALWAYS_DEPOSITED):
        found.add(VisitProblem.DEPOSIT)
    if detailed and not all(d.complete for d in declaration.devices):
        found.add(VisitProblem.INCOMPLETE)
    if declaration.locker is None and any(not d.taken_in for d in declaration.devices):
        found.add(VisitProblem.LOCKER)
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What went in and did not come out, and what came out and never went in."""

    missing: tuple[CarriedDevice, ...]
    unexpected: tuple[CarriedDevice, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected)


def compared(
    declaration: DeviceDeclaration | None, out: Iterable[CarriedDevice]
) -> Mismatch:
    """The devices ticked going out against those declared coming in.

    A device is the same if everything written of it is; two of the same are two.
    """
    went_in = Counter(declaration.devices if declaration is not None else ())
    came_out = Counter(out)
    return Mismatch(
        missing=tuple((went_in - came_out).elements()),
        unexpected=tuple((came_out - went_in).elements()),
    )
