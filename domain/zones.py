"""Zones and what each level demands of those who enter.

Source: the guide, 5.3.1 (levels and which rooms have them), 5.3.2 (factors per
level), 4.2 (who may approve), 6.1.2 (two persons in the laboratory).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.credentials import Factor
from domain.ids import ScheduleId, ZoneId
from domain.people import Department, Post, Rank
from domain.visit_classes import PersonClass


class ZoneLevel(StrEnum):
    """密级 of a zone (G5.3.1-1)."""

    CORE = "core"  # 核心涉密区
    IMPORTANT = "important"  # 重要涉密区
    GENERAL = "general"  # 一般涉密区
    NON_SECRET = "non_secret"  # noqa: S105  a level, not a password. 非涉密区


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """The least a level asks for. A door may ask for more, never for less."""

    factors: tuple[Factor, ...]
    rank: Rank | None  # of the approver of a grant; None: no grant is needed
    qualified: bool  # agreement, commitment and training must be current
    declaration: bool  # devices are declared at the keypad, per entry


LEVEL_DEMANDS: Final[dict[ZoneLevel, Demands]] = {
    ZoneLevel.CORE: Demands(
        factors=(Factor.FINGERPRINT, Factor.FACE),
        rank=Rank.GENERAL_MANAGER,
        qualified=True,
        declaration=True,
    ),
    ZoneLevel.IMPORTANT: Demands(
        factors=(Factor.BADGE,),
        rank=Rank.DEPARTMENT_HEAD,
        qualified=True,
        declaration=False,
    ),
    ZoneLevel.GENERAL: Demands(
        factors=(Factor.BADGE,),
        rank=Rank.DEPARTMENT_HEAD,
        qualified=False,
        declaration=False,
    ),
    ZoneLevel.NON_SECRET: Demands(
        factors=(Factor.BADGE,), rank=None, qualified=False, declaration=False
    ),
}

# The way in of equal strength for whom, or while, no face can be read (law: face
# must not be the only way; G6.2.2-1: a camera that is down stops no core door).
# Three factors of three kinds: something carried, something one is, something known.
NON_FACE_FACTORS: Final = (Factor.BADGE, Factor.FINGERPRINT, Factor.PIN)

# Refusals within the window that block a credential (G7.2.1-3), by level.
REFUSALS_BEFORE_BLOCK: Final[dict[ZoneLevel, int]] = {
    ZoneLevel.CORE: 3,
    ZoneLevel.IMPORTANT: 5,
    ZoneLevel.GENERAL: 5,
    ZoneLevel.NON_SECRET: 5,
}


class Conduct(StrEnum):
    """What nobody may do in a zone; the sign at its entrance says so (G5.3.1-2)."""

    PHOTOS = "photos"
    RECORDING = "recording"
    PHONES = "phones"  # they stay in a locker at the entrance
    STORAGE = "storage"  # USB sticks, disks


# Source: G5.3.3-1 for core and important. General: the guide names nothing; papers
# lie about in offices too, so the sign forbids to photograph them.
LEVEL_FORBIDS: Final[dict[ZoneLevel, tuple[Conduct, ...]]] = {
    ZoneLevel.CORE: tuple(Conduct),
    ZoneLevel.IMPORTANT: (Conduct.PHOTOS, Conduct.RECORDING),
    ZoneLevel.GENERAL: (Conduct.PHOTOS,),
    ZoneLevel.NON_SECRET: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsible:
    """Who answers for a zone and how to reach them, as its sign says (G5.3.1-2)."""

    name: str  # Chinese
    name_en: str
    phone: str  # as dialled inside the site


class WhenExpired(StrEnum):
    """What a door does once its roster is past its end."""

    REFUSE = "refuse"
    ADMIT = "admit"


@dataclass(frozen=True, slots=True)
class DwellLimit:
    """How long people of one class may stay in a zone before a guard is told."""

    who: PersonClass
    limit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One zone (涉密区域) as installed."""

    id: ZoneId
    name: str  # Chinese
    name_en: str
    level: ZoneLevel
    two_person: bool  # G6.1.2-3
    anti_passback: bool
    posts: frozenset[Post]  # general level: posts that need no grant (G5.3.1-1)
    schedule: ScheduleId | None  # hours in which anybody may enter; None: always
    roster_expired: WhenExpired  # core zones always refuse
    capacity: int | None = None  # people; None: as many as come
    dwell: tuple[DwellLimit, ...] = ()  # G5.3.3-2
    forbidden: tuple[Conduct, ...] = ()  # beyond the level's
    responsible: Responsible | None = None
    department: Department | None = None  # whose head decides who comes here

    @property
    def forbids(self) -> tuple[Conduct, ...]:
        """All that the sign forbids, in its order."""
        named = {*LEVEL_FORBIDS[self.level], *self.forbidden}
        return tuple(conduct for conduct in Conduct if conduct in named)

    def may_stay(self, who: PersonClass) -> timedelta | None:
        """A visitor's class goes before visitors in general; None: as long as need
        be."""
        limits = {each.who: each.limit for each in self.dwell}
        general = PersonClass.STAFF if who is PersonClass.STAFF else PersonClass.VISITOR
        return limits.get(who, limits.get(general))
