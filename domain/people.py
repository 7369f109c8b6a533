"""People, their posts, states, qualifications and grants.

Sources: the guide, 5.1 (agreement, training, leaving, de-secrecy), 4.2 (who approves).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType

from domain.ids import GrantId, PersonId, ScheduleId, ZoneId, is_visitor

# 岗位, an entry of the guide's appendix: "rd_engineer", "guard", …
Post = NewType("Post", str)
# 部门: who heads it approves visits to it.
Department = NewType("Department", str)

VISITOR: Final = Post("visitor")  # 来访人员; has no grants, but a right


class PersonState(StrEnum):
    ACTIVE = "active"
    DE_SECRECY = "de_secrecy"  # 脱密期, G5.1.3-4
    SUSPENDED = "suspended"  # 冻结
    LEFT = "left"  # 离职, G5.1.3-3


class Rank(StrEnum):
    """Who approved a grant (审批人级别), lowest first in `RANK_ORDER`."""

    TEAM_LEADER = "team_leader"  # 班组长; approves for no secret zone
    DEPARTMENT_HEAD = "department_head"  # 部门负责人, G4.2.2
    COMMITTEE = "committee"  # 保密委员会
    GENERAL_MANAGER = "general_manager"  # 法定代表人或总经理, G4.2.1

    def suffices_for(self, needed: "Rank") -> bool:
        return _HEIGHT[self] >= _HEIGHT[needed]


RANK_ORDER = (
    Rank.TEAM_LEADER,
    Rank.DEPARTMENT_HEAD,
    Rank.COMMITTEE,
    Rank.GENERAL_MANAGER,
)
_HEIGHT = {rank: height for height, rank in enumerate(RANK_ORDER)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifications:
    """What must be current before core and important zones open.

    Each date is the last day of validity, through its end in the site's time;
    None: never had it.
    """

    agreement_until: date | None  # 保密协议, G5.1.1-3
    commitment_until: date | None  # 年度保密承诺, G5.1.2-2
    training_until: date | None  # 培训考核, G5.1.1-4 and G5.1.2-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Permission (授权) for one person in one zone, valid in [since, until)."""

    id: GrantId
    zone: ZoneId
    rank: Rank  # of who approved it
    approved_by: PersonId | None  # None: approved before the register knew people
    purpose: str  # the reason of entry that the log records (G5.3.2-3)
    since: datetime
    until: datetime | None  # None: until withdrawn
    schedule: ScheduleId | None  # hours; None: at any hour

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a person's grants for a zone are gone, kept so that a refusal can say it."""

    at: datetime
    reason: str  # "revoked", "left", "suspended", "de_secrecy", "transferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as a rule sees them."""

    id: PersonId
    name: str
    post: Post
    state: PersonState
    qualifications: Qualifications
    grants: tuple[Grant, ...]
    withdrawn: Withdrawal | None
    non_face: bool  # gave no consent to face, or withdrew it: uses the other path

    @property
    def visitor(self) -> bool:
        """Either sign is enough: a visitor may less than anybody employed."""
        return self.post == VISITOR or is_visitor(self.id)
