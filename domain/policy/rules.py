"""The rules of the house. To add one: write it here, list it in `RULES`.

Each rule is one sentence about one request, with a stable code and the guide's
clauses. A demand has two rules: the one that refuses or waits while it is not met,
and a note when it is, so that a grant cites what it rests on. `on_exit` marks those
that are also looked at on the way out, where they become alarms: what they say
is true of the person or the door, not of the way in.
"""

from collections.abc import Callable
from typing import Final

from domain.people import PersonState
from domain.policy import (
    Clause,
    Condition,
    Facts,
    Presence,
    Reason,
    Request,
    Rule,
    Side,
)
from domain.policy import Verdict as V  # noqa: N817  it stands on every rule
from domain.policy.demands import GrantState as G
from domain.policy.demands import (
    agreement_current,
    commitment_current,
    declaration_due,
    expires_soon,
    factors_missing,
    grant_states,
    has_good_grant,
    needs_grant,
    non_face_path,
    post_suffices,
    training_current,
)
from domain.zones import LEVEL_DEMANDS, WhenExpired, ZoneLevel


def _rule(
    verdict: V, reason: str, *clauses: str, on_exit: bool = False
) -> Callable[[Condition], Rule]:
    return lambda applies: Rule(
        reason=Reason(reason),
        clauses=tuple(map(Clause, clauses)),
        verdict=verdict,
        applies=applies,
        on_exit=on_exit,
    )


# --- who it is ---


@_rule(V.FORBID, "credential.unknown", "G2.4", on_exit=True)
def is_unknown(request: Request, facts: Facts) -> bool:
    """This door knows nobody by this credential."""
    return request.unknown


@_rule(V.FORBID, "attempt.mismatch", "G5.3.2-1", on_exit=True)
def factors_disagree(request: Request, facts: Facts) -> bool:
    """The factors presented name different people; the door doesn't say which."""
    return request.mismatch


@_rule(V.FORBID, "person.left", "G5.1.3-3", on_exit=True)
def has_left(request: Request, facts: Facts) -> bool:
    """The person has left the company."""
    return facts.person is not None and facts.person.state is PersonState.LEFT


@_rule(V.FORBID, "person.suspended", "G5.1.3-3", "G7.3.2", on_exit=True)
def is_suspended(request: Request, facts: Facts) -> bool:
    """The person's access is frozen everywhere."""
    return facts.person is not None and facts.person.state is PersonState.SUSPENDED


@_rule(V.FORBID, "person.de_secrecy", "G5.1.3-4", on_exit=True)
def is_in_de_secrecy(request: Request, facts: Facts) -> bool:
    """In the de-secrecy period core and important zones are lost."""
    return (
        facts.person is not None
        and facts.person.state is PersonState.DE_SECRECY
        and facts.zone.level in (ZoneLevel.CORE, ZoneLevel.IMPORTANT)
    )


@_rule(V.FORBID, "person.de_secrecy_general", "G5.1.3-3", on_exit=True)
def is_in_de_secrecy_at_general(request: Request, facts: Facts) -> bool:
    """In the de-secrecy period general zones are lost too."""
    return (
        facts.person is not None
        and facts.person.state is PersonState.DE_SECRECY
        and facts.zone.level is ZoneLevel.GENERAL
    )


@_rule(V.FORBID, "person.withdrawn", "G5.1.3-3", on_exit=True)
def is_withdrawn(request: Request, facts: Facts) -> bool:
    """The person's permission for this zone was withdrawn."""
    return facts.person is not None and facts.person.withdrawn is not None


# --- what permits ---


@_rule(V.PERMIT, "grant.core", "G4.2.1", "G5.3.1-1")
def holds_a_core_grant(request: Request, facts: Facts) -> bool:
    """A grant approved by the general manager covers this core zone now."""
    return facts.zone.level is ZoneLevel.CORE and has_good_grant(request, facts)


@_rule(V.PERMIT, "grant.important", "G4.2.2", "G5.3.1-1")
def holds_an_important_grant(request: Request, facts: Facts) -> bool:
    """A grant approved by a department head covers this important zone now."""
    return facts.zone.level is ZoneLevel.IMPORTANT and has_good_grant(request, facts)


@_rule(V.PERMIT, "grant.general", "G4.2.3", "G5.3.1-1")
def holds_a_general_grant(request: Request, facts: Facts) -> bool:
    """A grant covers this general zone now."""
    return facts.zone.level is ZoneLevel.GENERAL and has_good_grant(request, facts)


@_rule(V.PERMIT, "post.general", "G4.2.3", "G5.3.1-1", "G5.3.2-1")
def post_is_listed(request: Request, facts: Facts) -> bool:
    """The person's post is in this general zone's list."""
    return post_suffices(request, facts)


@_rule(V.PERMIT, "person.employed", "G5.3.1-1")
def enters_non_secret(request: Request, facts: Facts) -> bool:
    """Non-secret zones are open to everybody employed."""
    return (
        facts.zone.level is ZoneLevel.NON_SECRET
        and request.person is not None
        and facts.person is not None
    )


# --- why no grant permits ---


@_rule(V.FORBID, "grant.missing", "G2.4", on_exit=True)
def has_no_grant(request: Request, facts: Facts) -> bool:
    """The person has no grant for this zone."""
    return needs_grant(request, facts) and not grant_states(request, facts)


@_rule(V.FORBID, "grant.expired", "G2.4", "G5.1.2-3", on_exit=True)
def grant_has_ended(request: Request, facts: Facts) -> bool:
    """The person's grant for this zone has ended."""
    return needs_grant(request, facts) and G.ENDED in grant_states(request, facts)


@_rule(V.FORBID, "grant.not_yet", "G2.4", on_exit=True)
def grant_has_not_begun(request: Request, facts: Facts) -> bool:
    """The person's grant for this zone has not begun."""
    return needs_grant(request, facts) and G.NOT_YET in grant_states(request, facts)


@_rule(V.FORBID, "grant.outside_hours", "G2.4", on_exit=True)
def grant_is_outside_its_hours(request: Request, facts: Facts) -> bool:
    """The person's grant doesn't cover this hour or day."""
    return needs_grant(request, facts) and G.HOURS in grant_states(request, facts)


@_rule(V.FORBID, "grant.rank_core", "G4.2.1", on_exit=True)
def core_grant_lacks_rank(request: Request, facts: Facts) -> bool:
    """A grant for a core zone must be approved by the general manager."""
    return (
        facts.zone.level is ZoneLevel.CORE
        and needs_grant(request, facts)
        and G.RANK in grant_states(request, facts)
    )


@_rule(V.FORBID, "grant.rank_important", "G4.2.2", on_exit=True)
def important_grant_lacks_rank(request: Request, facts: Facts) -> bool:
    """A grant for an important zone must be approved by a department head."""
    return (
        facts.zone.level is ZoneLevel.IMPORTANT
        and needs_grant(request, facts)
        and G.RANK in grant_states(request, facts)
    )


@_rule(V.FORBID, "post.not_listed", "G4.2.3", "G5.3.2-1", on_exit=True)
def post_is_not_listed(request: Request, facts: Facts) -> bool:
    """The person's post isn't in this general zone's list, and no grant helps."""
    return facts.zone.level is ZoneLevel.GENERAL and needs_grant(request, facts)


@_rule(V.FORBID, "zone.closed", "G2.4", on_exit=True)
def zone_is_closed(request: Request, facts: Facts) -> bool:
    """The zone is closed to everybody at this hour."""
    if facts.zone.schedule is None:
        return False
    schedule = facts.schedules.get(facts.zone.schedule)
    return schedule is None or not schedule.covers(request.at, facts.tz)


# --- qualifications ---


def _must_be_qualified(facts: Facts) -> bool:
    return facts.person is not None and LEVEL_DEMANDS[facts.zone.level].qualified


@_rule(V.FORBID, "agreement.lapsed", "G5.1.1-3", on_exit=True)
def agreement_lapsed(request: Request, facts: Facts) -> bool:
    """The confidentiality agreement is missing or has ended."""
    return _must_be_qualified(facts) and not agreement_current(request, facts)


@_rule(V.NOTE, "agreement.current", "G5.1.1-3")
def agreement_is_current(request: Request, facts: Facts) -> bool:
    """The confidentiality agreement is valid today."""
    return _must_be_qualified(facts) and agreement_current(request, facts)


@_rule(V.FORBID, "commitment.lapsed", "G5.1.2-2", on_exit=True)
def commitment_lapsed(request: Request, facts: Facts) -> bool:
    """This year's secrecy commitment is missing or has ended."""
    return _must_be_qualified(facts) and not commitment_current(request, facts)


@_rule(V.NOTE, "commitment.current", "G5.1.2-2")
def commitment_is_current(request: Request, facts: Facts) -> bool:
    """This year's secrecy commitment is valid today."""
    return _must_be_qualified(facts) and commitment_current(request, facts)


@_rule(V.FORBID, "training.lapsed", "G5.1.1-4", "G5.1.2-1", on_exit=True)
def training_lapsed(request: Request, facts: Facts) -> bool:
    """The training and its examination are missing or out of date."""
    return _must_be_qualified(facts) and not training_current(request, facts)


@_rule(V.NOTE, "training.current", "G5.1.1-4", "G5.1.2-1")
def training_is_current(request: Request, facts: Facts) -> bool:
    """The training and its examination are valid today."""
    return _must_be_qualified(facts) and training_current(request, facts)


@_rule(V.NOTE, "qualification.expiring", "G5.1.1-3", "G5.1.2-2", "G5.1.2-1")
def qualification_expires_soon(request: Request, facts: Facts) -> bool:
    """A qualification ends within 30 days: renew it."""
    return _must_be_qualified(facts) and expires_soon(request, facts)


# --- what is still to come ---


@_rule(V.WAIT, "factors.incomplete", "G5.3.2-1")
def factors_are_missing(request: Request, facts: Facts) -> bool:
    """More factors of the same person are needed."""
    return bool(factors_missing(request, facts))


@_rule(V.NOTE, "factors.complete", "G5.3.2-1")
def factors_are_complete(request: Request, facts: Facts) -> bool:
    """All factors this door asks for name the same person."""
    return request.person is not None and not factors_missing(request, facts)


@_rule(V.NOTE, "factors.non_face", "G6.2.2-1")
def uses_the_non_face_path(request: Request, facts: Facts) -> bool:
    """Badge, fingerprint and PIN stand in for the face."""
    return non_face_path(facts)


@_rule(V.WAIT, "devices.undeclared", "G5.3.3-1")
def devices_are_undeclared(request: Request, facts: Facts) -> bool:
    """Core zones: declare phones and storage at the keypad first."""
    return declaration_due(facts) and request.declaration is None


@_rule(V.NOTE, "devices.declared", "G5.3.3-1")
def devices_are_declared(request: Request, facts: Facts) -> bool:
    """The person declared what they carry, or the locker that holds it."""
    return declaration_due(facts) and request.declaration is not None


@_rule(V.NOTE, "devices.reminder", "G5.3.3-1")
def devices_stay_off(request: Request, facts: Facts) -> bool:
    """Important zones: camera and recorder stay off."""
    return facts.zone.level is ZoneLevel.IMPORTANT


@_rule(V.WAIT, "two_person.waiting", "G6.1.2-3")
def second_person_is_missing(request: Request, facts: Facts) -> bool:
    """A second authorised person must complete the attempt."""
    return facts.zone.two_person and request.partner is None


@_rule(V.NOTE, "two_person.complete", "G6.1.2-3")
def second_person_is_there(request: Request, facts: Facts) -> bool:
    """Two different authorised people completed all factors in time."""
    return facts.zone.two_person and request.partner is not None


# --- the door and its agent ---


@_rule(V.FORBID, "zone.passback", "G5.3.2-3")
def is_already_inside(request: Request, facts: Facts) -> bool:
    """The person is recorded inside this zone and never left (anti-passback)."""
    return facts.zone.anti_passback and facts.presence is Presence.INSIDE


@_rule(V.ALARM, "occupancy.unknown", "G5.3.2-3")
def whereabouts_are_unknown(request: Request, facts: Facts) -> bool:
    """Whether the person is inside is unknown; admitted, and a guard told."""
    return facts.zone.anti_passback and facts.presence is Presence.UNKNOWN


@_rule(V.ALARM, "occupancy.exit_unrecorded", "G5.3.2-3", on_exit=True)
def leaves_without_having_entered(request: Request, facts: Facts) -> bool:
    """Somebody leaves a zone that they are not recorded in."""
    return (
        request.side is Side.EXIT
        and facts.zone.anti_passback
        and request.person is not None
        and facts.presence is Presence.OUTSIDE
    )


@_rule(V.FORBID, "door.lockdown", "G7.3.2", on_exit=True)
def is_locked_down(request: Request, facts: Facts) -> bool:
    """The door is under lockdown; nobody is admitted."""
    return facts.lockdown


@_rule(V.FORBID, "door.interlock", "G6.2.2-1")
def other_door_is_open(request: Request, facts: Facts) -> bool:
    """The other door of this lock chamber is not shut."""
    return facts.interlocked


@_rule(V.FORBID, "clock.untrusted", "G5.3.2-3", on_exit=True)
def has_no_trusted_clock(request: Request, facts: Facts) -> bool:
    """The door can't tell the time, so no date or hour can be honoured."""
    return not facts.clock_trusted


@_rule(V.FORBID, "roster.expired", "G5.1.3-3", on_exit=True)
def roster_has_ended(request: Request, facts: Facts) -> bool:
    """The door has not heard from the office for too long (or ever)."""
    return facts.roster_expired and (
        facts.zone.level is ZoneLevel.CORE
        or facts.zone.roster_expired is WhenExpired.REFUSE
    )


@_rule(V.ALARM, "roster.outdated", "G5.1.3-3")
def roster_is_outdated(request: Request, facts: Facts) -> bool:
    """The roster has ended; this lesser zone goes on by its site's choice."""
    return (
        facts.roster_expired
        and facts.zone.level is not ZoneLevel.CORE
        and facts.zone.roster_expired is WhenExpired.ADMIT
    )


@_rule(V.FORBID, "journal.unavailable", "G5.3.2-3", on_exit=True)
def journal_cannot_be_written(request: Request, facts: Facts) -> bool:
    """The entry can't be recorded, so it can't be made."""
    return not facts.journal_writable


@_rule(V.FORBID, "credential.blocked", "G7.2.1-3")
def is_blocked(request: Request, facts: Facts) -> bool:
    """Too many refusals in a short time; wait a minute."""
    return facts.blocked


@_rule(V.FORBID, "reader.delayed", "G7.2.1-3")
def reader_is_delayed(request: Request, facts: Facts) -> bool:
    """Another unknown credential was here a moment ago."""
    return facts.delayed and request.unknown


@_rule(V.FORBID, "internal", on_exit=True)
def something_failed(request: Request, facts: Facts) -> bool:
    """The door's own program failed; call the administrator."""
    return facts.internal_fault


RULES: Final[tuple[Rule, ...]] = (
    is_unknown,
    factors_disagree,
    has_left,
    is_suspended,
    is_in_de_secrecy,
    is_in_de_secrecy_at_general,
    is_withdrawn,
    holds_a_core_grant,
    holds_an_important_grant,
    holds_a_general_grant,
    post_is_listed,
    enters_non_secret,
    has_no_grant,
    grant_has_ended,
    grant_has_not_begun,
    grant_is_outside_its_hours,
    core_grant_lacks_rank,
    important_grant_lacks_rank,
    post_is_not_listed,
    zone_is_closed,
    agreement_lapsed,
    agreement_is_current,
    commitment_lapsed,
    commitment_is_current,
    training_lapsed,
    training_is_current,
    qualification_expires_soon,
    factors_are_missing,
    factors_are_complete,
    uses_the_non_face_path,
    devices_are_undeclared,
    devices_are_declared,
    devices_stay_off,
    second_person_is_missing,
    second_person_is_there,
    is_already_inside,
    whereabouts_are_unknown,
    leaves_without_having_entered,
    is_locked_down,
    other_door_is_open,
    has_no_trusted_clock,
    roster_has_ended,
    roster_is_outdated,
    journal_cannot_be_written,
    is_blocked,
    reader_is_delayed,
    something_failed,
)
