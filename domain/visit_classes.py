"""Classes of visits, and what each demands.

Sources: the guide, 5.3.2-2a and -2b (accompanied visitors; construction and repair),
5.4.3-1 (repairers), 5.5.3-1 (inspections), 5.5.3-2 (tours), 2.4 (core zones).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.people import Rank
from domain.visit_devices import DeviceKind


class VisitClass(StrEnum):
    CUSTOMER = "customer"  # 客户、供应商
    CONSTRUCTION = "construction"  # 施工
    REPAIR = "repair"  # 外来维修
    TOUR = "tour"  # 参观
    INSPECTION = "inspection"  # 政府检查


class PersonClass(StrEnum):
    """Whom a zone's dwell limits tell apart: staff, visitors, and their classes."""

    STAFF = "staff"
    VISITOR = "visitor"  # of any class without a limit of its own
    CUSTOMER = "customer"
    CONSTRUCTION = "construction"
    REPAIR = "repair"
    TOUR = "tour"
    INSPECTION = "inspection"


class ReturnItem(StrEnum):
    """What is ticked when somebody leaves."""

    BADGE = "badge"
    LOCKER = "locker"  # emptied
    HANDOUTS = "handouts"  # taken back, G5.5.3-2
    MEDIA = "media"  # what was repaired, and its data, stays, G5.4.3-1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDemands:
    """The least a class asks for.

    `core`: may enter core zones at all, with the secrecy committee's approval for
    zone and time (G2.4). `detailed`: type, make and serial number of every device.
    `deposit`: kinds that stay in a locker, whatever the zones; storage always does.
    `group`: may come as more than one. `per_escort`: visitors one escort may lead.
    `longest`: a visit that lasts longer is asked for, approved and checked in anew.
    """

    rank: Rank  # of the head who approves
    undertaking: str  # id of the text to be signed
    may_decline: bool  # told, witnessed and recorded instead (G5.5.3-1)
    core: bool
    detailed: bool
    deposit: frozenset[DeviceKind]
    fixed_route: bool  # an ordered list of zones, shown at the desk
    returns: tuple[ReturnItem, ...]
    per_escort: int
    longest: timedelta  # from its beginning to its end


DEFAULT_PER_ESCORT: Final = 5
DEFAULT_PER_ESCORT_TOUR: Final = 10

ONE_DAY: Final = timedelta(days=1)
LONGEST_REPAIR: Final = timedelta(days=7)
LONGEST_CONSTRUCTION: Final = timedelta(days=31)

_EYES: Final = frozenset({DeviceKind.PHONE, DeviceKind.CAMERA, DeviceKind.RECORDER})
_LEAVING: Final = (ReturnItem.BADGE, ReturnItem.LOCKER)

CLASS_DEMANDS: Final[dict[VisitClass, ClassDemands]] = {
    VisitClass.CUSTOMER: ClassDemands(
        rank=Rank.DEPARTMENT_HEAD,
        undertaking="visitor",
        may_decline=False,
        core=False,
        detailed=False,
        deposit=frozenset(),
        fixed_route=False,
        returns=_LEAVING,
        per_escort=DEFAULT_PER_ESCORT,
        longest=ONE_DAY,
    ),
    VisitClass.CONSTRUCTION: ClassDemands(
        rank=Rank.DEPARTMENT_HEAD,
        undertaking="construction",
        may_decline=False,
        core=True,
        detailed=True,
        deposit=frozenset(),
        fixed_route=False,
        returns=_LEAVING,
        per_escort=DEFAULT_PER_ESCORT,
        longest=LONGEST_CONSTRUCTION,
    ),
    VisitClass.REPAIR: ClassDemands(
        rank=Rank.DEPARTMENT_HEAD,
        undertaking="repair",
        may_decline=False,
        core=True,
        detailed=True,
        deposit=frozenset(),
        fixed_route=False,
        returns=(*_LEAVING, ReturnItem.MEDIA),
        per_escort=DEFAULT_PER_ESCORT,
        longest=LONGEST_REPAIR,
    ),
    VisitClass.TOUR: ClassDemands(
        rank=Rank.DEPARTMENT_HEAD,
        undertaking="tour",
        may_decline=False,
        core=False,
        detailed=False,
        deposit=_EYES,
        fixed_route=True,
        returns=(*_LEAVING, ReturnItem.HANDOUTS),
        per_escort=DEFAULT_PER_ESCORT_TOUR,
        longest=ONE_DAY,
    ),
    VisitClass.INSPECTION: ClassDemands(
        rank=Rank.DEPARTMENT_HEAD,
        undertaking="inspection",
        may_decline=True,
        core=True,
        detailed=False,
        deposit=frozenset(),
        fixed_route=True,
        returns=_LEAVING,
        per_escort=DEFAULT_PER_ESCORT,
        longest=ONE_DAY,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortRatio:
    """How many visitors one escort may lead: a site's setting."""

    visitors: int = DEFAULT_PER_ESCORT
    tour: int = DEFAULT_PER_ESCORT_TOUR

    def of(self, kind: VisitClass) -> int:
        return self.tour if kind is VisitClass.TOUR else self.visitors
