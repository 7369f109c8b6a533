"""Which operator may ask what of a door: alone, with a second one, or not at all.

Laws (the console's rights, G2.4; two persons at core zones, G6.1.2-3): whoever watches
may shut a door, since that keeps nobody in, and end a service; opening one, ending a
lockdown and having somebody work at it is narrower; at a core zone these need another
operator, who is never the same person.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from domain.commands import (
    EndLockdown,
    EndService,
    Order,
    StartLockdown,
    StartService,
    UnlockDoor,
)
from domain.operators import Operator, OperatorRole
from domain.zones import Zone, ZoneLevel


class Right(IntEnum):
    """The least of several is what holds for all of them together."""

    NONE = 0
    WITH_SECOND = 1
    ALONE = 2


# What the console offers; occupancy is reset after a head count, elsewhere.
OFFERED: Final[tuple[type[Order], ...]] = (
    UnlockDoor,
    StartLockdown,
    EndLockdown,
    StartService,
    EndService,
)

_R = OperatorRole
_ANYWHERE: Final = {
    UnlockDoor: frozenset({_R.SHIFT_LEAD}),
    StartLockdown: frozenset({_R.GUARD, _R.SHIFT_LEAD, _R.SECRECY_OFFICER}),
    EndLockdown: frozenset({_R.SHIFT_LEAD, _R.SECRECY_OFFICER}),
    StartService: frozenset({_R.SHIFT_LEAD}),
    EndService: frozenset({_R.GUARD, _R.SHIFT_LEAD, _R.SECRECY_OFFICER}),
}
# What only makes a door stricter needs nobody's consent.
_STRICTER: Final = (StartLockdown, EndService)
# A guard opens, and takes back a lockdown, everywhere but at a core zone.
_GUARDED: Final = frozenset({UnlockDoor, EndLockdown})
_CONSENTED: Final = (UnlockDoor, StartService)
_CONFIRM: Final = frozenset({_R.SHIFT_LEAD, _R.SECRECY_OFFICER})


def right(operator: Operator, order: type[Order], zones: Iterable[Zone]) -> Right:
    """What `operator` may ask of doors of all these zones."""
    return min((_of_zone(operator, order, z) for z in zones), default=Right.NONE)


def may_second(operator: Operator, zones: Iterable[Zone]) -> bool:
    """Whether the roles allow to confirm what another asks of these zones."""
    asked = tuple(zones)
    return bool(asked) and (
        not _CONFIRM.isdisjoint(operator.roles)
        or all(operator.owns(zone.id) for zone in asked)
    )


def _of_zone(operator: Operator, order: type[Order], zone: Zone) -> Right:
    if order not in OFFERED:
        return Right.NONE
    core = zone.level is ZoneLevel.CORE
    guards = _R.GUARD in operator.roles and order in _GUARDED and not core
    anywhere = not _ANYWHERE[order].isdisjoint(operator.roles)
    owns = operator.owns(zone.id)
    if not (guards or anywhere or owns):
        return Right.NONE
    if order in _STRICTER:
        return Right.ALONE
    # An owner opens their own zone, or has it worked at, with another's consent, also
    # below core.
    owner_only = owns and not (guards or anywhere)
    paired = core or (order in _CONSENTED and owner_only)
    return Right.WITH_SECOND if paired else Right.ALONE
