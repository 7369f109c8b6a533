"""The rules of the house. To add one: write it here, list it in `RULES`. Those that
speak of visitors alone are in `domain.policy.visitor_rules`.

Each rule is one sentence about one part of request and facts (`domain.policy.demands`
has the parts), with a stable code and the guide's clauses. A demand has two rules:
one that refuses or waits while it is not met, and a note when it is, so that a grant
cites what it rests on. `on_exit` marks those that are also looked at on the way out,
where they become alarms: what they say is true of the person or the door, not of the
way in.
"""

from typing import Final

from domain.people import PersonState
from domain.policy.book import RuleBook
from domain.policy.demands import (
    Circumstances,
    Entitlement,
    Qualified,
    circumstances,
    entitlement,
    qualified,
)
from domain.policy.demands import GrantState as G
from domain.policy.model import Presence, Side
from domain.policy.model import Verdict as V  # noqa: N817  it stands on every rule
from domain.policy.visitor_rules import VISITOR_RULES
from domain.policy.writing import rule
from domain.zones import LEVEL_DEMANDS, WhenExpired, ZoneLevel

# --- who it is ---


@rule(circumstances, V.FORBID, "credential.unknown", "G2.4", on_exit=True)
def is_unknown(now: Circumstances) -> bool:
    """This door knows nobody by this credential."""
    return now.unknown


@rule(circumstances, V.FORBID, "attempt.mismatch", "G5.3.2-1", on_exit=True)
def factors_disagree(now: Circumstances) -> bool:
    """The factors presented name different people; the door doesn't say which."""
    return now.mismatch


@rule(entitlement, V.FORBID, "person.left", "G5.1.3-3", on_exit=True)
def has_left(who: Entitlement) -> bool:
    """The person has left the company."""
    return who.state is PersonState.LEFT


@rule(entitlement, V.FORBID, "person.suspended", "G5.1.3-3", "G7.3.2", on_exit=True)
def is_suspended(who: Entitlement) -> bool:
    """The person's access is frozen everywhere."""
    return who.state is PersonState.SUSPENDED


@rule(entitlement, V.FORBID, "person.de_secrecy", "G5.1.3-4", on_exit=True)
def is_in_de_secrecy(who: Entitlement) -> bool:
    """In the de-secrecy period core and important zones are lost."""
    return who.state is PersonState.DE_SECRECY and who.level in (
        ZoneLevel.CORE,
        ZoneLevel.IMPORTANT,
    )


@rule(entitlement, V.FORBID, "person.de_secrecy_general", "G5.1.3-3", on_exit=True)
def is_in_de_secrecy_at_general(who: Entitlement) -> bool:
    """In the de-secrecy period general zones are lost too."""
    return who.state is PersonState.DE_SECRECY and who.level is ZoneLevel.GENERAL


@rule(entitlement, V.FORBID, "person.withdrawn", "G5.1.3-3", on_exit=True)
def is_withdrawn(who: Entitlement) -> bool:
    """The person's permission for this zone was withdrawn."""
    return who.withdrawn


# --- what permits ---


@rule(entitlement, V.PERMIT, "grant.core", "G4.2.1", "G5.3.1-1")
def holds_a_core_grant(who: Entitlement) -> bool:
    """A grant approved by the general manager covers this core zone now."""
    return who.level is ZoneLevel.CORE and G.GOOD in who.grants


@rule(entitlement, V.PERMIT, "grant.important", "G4.2.2", "G5.3.1-1")
def holds_an_important_grant(who: Entitlement) -> bool:
    """A grant approved by a department head covers this important zone now."""
    return who.level is ZoneLevel.IMPORTANT and G.GOOD in who.grants


@rule(entitlement, V.PERMIT, "grant.general", "G4.2.3", "G5.3.1-1")
def holds_a_general_grant(who: Entitlement) -> bool:
    """A grant covers this general zone now."""
    return who.level is ZoneLevel.GENERAL and G.GOOD in who.grants


@rule(entitlement, V.PERMIT, "post.general", "G4.2.3", "G5.3.1-1", "G5.3.2-1")
def post_is_listed(who: Entitlement) -> bool:
    """The person's post is in this general zone's list."""
    return who.post_listed


@rule(entitlement, V.PERMIT, "person.employed", "G5.3.1-1")
def enters_non_secret(who: Entitlement) -> bool:
    """Non-secret zones are open to everybody employed."""
    return (
        who.level is ZoneLevel.NON_SECRET
        and who.named
        and who.state is not None
        and not who.visitor
    )


# --- why no grant permits ---


@rule(entitlement, V.FORBID, "grant.missing", "G2.4", on_exit=True)
def has_no_grant(who: Entitlement) -> bool:
    """The person has no grant for this zone."""
    return who.needs_grant and not who.grants


@rule(entitlement, V.FORBID, "grant.expired", "G2.4", "G5.1.2-3", on_exit=True)
def grant_has_ended(who: Entitlement) -> bool:
    """The person's grant for this zone has ended."""
    return who.needs_grant and G.ENDED in who.grants


@rule(entitlement, V.FORBID, "grant.not_yet", "G2.4", on_exit=True)
def grant_has_not_begun(who: Entitlement) -> bool:
    """The person's grant for this zone has not begun."""
    return who.needs_grant and G.NOT_YET in who.grants


@rule(entitlement, V.FORBID, "grant.outside_hours", "G2.4", on_exit=True)
def grant_is_outside_its_hours(who: Entitlement) -> bool:
    """The person's grant doesn't cover this hour or day."""
    return who.needs_grant and G.HOURS in who.grants


@rule(entitlement, V.FORBID, "grant.rank_core", "G4.2.1", on_exit=True)
def core_grant_lacks_rank(who: Entitlement) -> bool:
    """A grant for a core zone must be approved by the general manager."""
    return who.level is ZoneLevel.CORE and who.needs_grant and G.RANK in who.grants


@rule(entitlement, V.FORBID, "grant.rank_important", "G4.2.2", on_exit=True)
def important_grant_lacks_rank(who: Entitlement) -> bool:
    """A grant for an important zone must be approved by a department head."""
    return who.level is ZoneLevel.IMPORTANT and who.needs_grant and G.RANK in who.grants


@rule(entitlement, V.FORBID, "post.not_listed", "G4.2.3", "G5.3.2-1", on_exit=True)
def post_is_not_listed(who: Entitlement) -> bool:
    """The person's post isn't in this general zone's list, and no grant helps."""
    return who.level is ZoneLevel.GENERAL and who.needs_grant


@rule(circumstances, V.FORBID, "zone.closed", "G2.4", on_exit=True)
def zone_is_closed(now: Circumstances) -> bool:
    """The zone is closed to everybody at this hour."""
    return not now.open


# --- qualifications ---


@rule(qualified, V.FORBID, "agreement.lapsed", "G5.1.1-3", on_exit=True)
def agreement_lapsed(theirs: Qualified | None) -> bool:
    """The confidentiality agreement is missing or has ended."""
    return theirs is not None and not theirs.agreement


@rule(qualified, V.NOTE, "agreement.current", "G5.1.1-3")
def agreement_is_current(theirs: Qualified | None) -> bool:
    """The confidentiality agreement is valid today."""
    return theirs is not None and theirs.agreement


@rule(qualified, V.FORBID, "commitment.lapsed", "G5.1.2-2", on_exit=True)
def commitment_lapsed(theirs: Qualified | None) -> bool:
    """This year's secrecy commitment is missing or has ended."""
    return theirs is not None and not theirs.commitment


@rule(qualified, V.NOTE, "commitment.current", "G5.1.2-2")
def commitment_is_current(theirs: Qualified | None) -> bool:
    """This year's secrecy commitment is valid today."""
    return theirs is not None and theirs.commitment


@rule(qualified, V.FORBID, "training.lapsed", "G5.1.1-4", "G5.1.2-1", on_exit=True)
def training_lapsed(theirs: Qualified | None) -> bool:
    """The training and its examination are missing or out of date."""
    return theirs is not None and not theirs.training


@rule(qualified, V.NOTE, "training.current", "G5.1.1-4", "G5.1.2-1")
def training_is_current(theirs: Qualified | None) -> bool:
    """The training and its examination are valid today."""
    return theirs is not None and theirs.training


@rule(qualified, V.NOTE, "qualification.expiring", "G5.1.1-3", "G5.1.2-2", "G5.1.2-1")
def qualification_expires_soon(theirs: Qualified | None) -> bool:
    """A qualification ends within 30 days: renew it."""
    return theirs is not None and theirs.expiring


# --- what is still to come ---


def _wants_declaration(now: Circumstances) -> bool:
    return LEVEL_DEMANDS[now.level].declaration and not now.visitor


@rule(circumstances, V.WAIT, "factors.incomplete", "G5.3.2-1")
def factors_are_missing(now: Circumstances) -> bool:
    """More factors of the same person are needed."""
    return not now.complete


@rule(circumstances, V.NOTE, "factors.complete", "G5.3.2-1")
def factors_are_complete(now: Circumstances) -> bool:
    """All factors this door asks for name the same person."""
    return now.named and now.complete


@rule(circumstances, V.NOTE, "factors.non_face", "G6.2.2-1")
def uses_the_non_face_path(now: Circumstances) -> bool:
    """Badge, fingerprint and PIN stand in for the face."""
    return now.other_path


@rule(circumstances, V.WAIT, "devices.undeclared", "G5.3.3-1")
def devices_are_undeclared(now: Circumstances) -> bool:
    """Core zones: declare phones and storage at the keypad first."""
    return _wants_declaration(now) and not now.declared


@rule(circumstances, V.NOTE, "devices.declared", "G5.3.3-1")
def devices_are_declared(now: Circumstances) -> bool:
    """The person declared what they carry, or the locker that holds it."""
    return _wants_declaration(now) and now.declared


@rule(circumstances, V.NOTE, "devices.reminder", "G5.3.3-1")
def devices_stay_off(now: Circumstances) -> bool:
    """Important zones: camera and recorder stay off."""
    return now.level is ZoneLevel.IMPORTANT


def _wants_a_pair(now: Circumstances) -> bool:
    """A visitor is no half of a pair: their escort is, or nobody gets in."""
    return now.two_person and not now.visitor


@rule(circumstances, V.WAIT, "two_person.waiting", "G6.1.2-3")
def second_person_is_missing(now: Circumstances) -> bool:
    """A second authorised person must complete the attempt."""
    return _wants_a_pair(now) and not now.partner


@rule(circumstances, V.NOTE, "two_person.complete", "G6.1.2-3")
def second_person_is_there(now: Circumstances) -> bool:
    """Two different authorised people completed all factors in time."""
    return _wants_a_pair(now) and now.partner and now.named and now.complete


# --- the door and its agent ---


def _ends_with_its_roster(now: Circumstances) -> bool:
    """Core zones always do; lesser ones as the site file says."""
    return now.level is ZoneLevel.CORE or now.when_expired is WhenExpired.REFUSE


@rule(circumstances, V.FORBID, "zone.passback", "G5.3.2-3")
def is_already_inside(now: Circumstances) -> bool:
    """The person is recorded inside this zone and never left (anti-passback)."""
    return now.anti_passback and now.presence is Presence.INSIDE


@rule(circumstances, V.FORBID, "zone.full", "G5.3.3-2")
def zone_is_full(now: Circumstances) -> bool:
    """As many people are inside as the zone may hold."""
    return now.full


@rule(circumstances, V.ALARM, "occupancy.unknown", "G5.3.2-3")
def whereabouts_are_unknown(now: Circumstances) -> bool:
    """Whether the person is inside is unknown; admitted, and a guard told."""
    return now.anti_passback and now.presence is Presence.UNKNOWN


@rule(circumstances, V.ALARM, "occupancy.exit_unrecorded", "G5.3.2-3", on_exit=True)
def leaves_without_having_entered(now: Circumstances) -> bool:
    """Somebody leaves a zone that they are not recorded in."""
    return (
        now.side is Side.EXIT
        and now.anti_passback
        and now.named
        and now.presence is Presence.OUTSIDE
    )


@rule(circumstances, V.FORBID, "door.lockdown", "G7.3.2", on_exit=True)
def is_locked_down(now: Circumstances) -> bool:
    """The door is under lockdown; nobody is admitted."""
    return now.lockdown


@rule(circumstances, V.FORBID, "door.interlock", "G6.2.2-1")
def other_door_is_open(now: Circumstances) -> bool:
    """The other door of this lock chamber is not shut."""
    return now.interlocked


@rule(circumstances, V.FORBID, "clock.untrusted", "G5.3.2-3", on_exit=True)
def has_no_trusted_clock(now: Circumstances) -> bool:
    """The door can't tell the time, so no date or hour can be honoured."""
    return not now.clock_trusted


@rule(circumstances, V.FORBID, "roster.expired", "G5.1.3-3", on_exit=True)
def roster_has_ended(now: Circumstances) -> bool:
    """The door has not heard from the office for too long (or ever)."""
    return now.roster_expired and _ends_with_its_roster(now)


@rule(circumstances, V.ALARM, "roster.outdated", "G5.1.3-3")
def roster_is_outdated(now: Circumstances) -> bool:
    """The roster has ended; this lesser zone goes on by its site's choice."""
    return now.roster_expired and not _ends_with_its_roster(now)


@rule(circumstances, V.FORBID, "journal.unavailable", "G5.3.2-3", on_exit=True)
def journal_cannot_be_written(now: Circumstances) -> bool:
    """The entry can't be recorded, so it can't be made."""
    return not now.journal_writable


@rule(circumstances, V.FORBID, "credential.blocked", "G7.2.1-3")
def is_blocked(now: Circumstances) -> bool:
    """Too many refusals in a short time; wait a minute."""
    return now.blocked


@rule(circumstances, V.FORBID, "reader.delayed", "G7.2.1-3")
def reader_is_delayed(now: Circumstances) -> bool:
    """Another unknown credential was here a moment ago."""
    return now.delayed and now.unknown


@rule(circumstances, V.FORBID, "internal", on_exit=True)
def something_failed(now: Circumstances) -> bool:
    """The door's own program failed; call the administrator."""
    return now.internal_fault


RULES: Final = RuleBook(
    (
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
        zone_is_full,
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
        *VISITOR_RULES,
    )
)
