"""Take rights away: a grant, everything a leaver had, or everything for a while.

G5.1.3-3: at once. The change that each of these returns tells, per door, when the door
confirmed a roster that carries it. Leaving and the de-secrecy period withdraw grants
for good; a suspension freezes the person and can be lifted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from controller.services.office import Act, Office, demand_person
from controller.services.people import change_in
from controller.services.rosters import doors_of_person
from controller.services.settling import settle_in
from controller.store import register
from controller.store.register import StoredGrant, StoredPerson
from controller.store.sendings import ChangeId
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, ZoneId
from domain.office_events import GrantRevoked, PersonChanged
from domain.people import PersonState, Post, Withdrawal
from domain.person_acts import ProposalOutcome
from domain.zones import ZoneLevel

TRANSFER: Final = "transfer"
TRANSFERRED: Final = "transferred"
# States that settle what was proposed about the person.
_SETTLES: Final = {
    PersonState.SUSPENDED: ProposalOutcome.FROZEN,
    PersonState.LEFT: ProposalOutcome.LEFT,
}


async def revoke(
    office: Office, person: PersonId, zone: ZoneId | None, *, reason: str, by: str
) -> ChangeId:
    """Withdraw the person's grants for one zone, or for all (`zone` None).

    Raises:
        InputError: no such person or zone, or nothing to withdraw.
    """

    def work(act: Act) -> ChangeId:
        if zone is not None:
            office.demand_zone(zone)
        demand_person(act.connection, person)
        live = _live(act, person, zone)
        if not live:
            where = "any zone" if zone is None else f"`{zone}`"
            raise InputError(f"`{person}` holds no grant for {where} to withdraw")
        return withdraw_in(act, office, live, reason=reason, by=by)

    return await office.act(work)


def withdraw_in(
    act: Act, office: Office, live: Sequence[StoredGrant], *, reason: str, by: str
) -> ChangeId:
    """Withdraw these grants, all of one person, inside an act."""
    [person] = {g.person for g in live}
    _withdraw(act, person, live, reason=reason, by=by)
    zones = {g.grant.zone for g in live}
    doors = {d.id for d in office.site.doors.values() if d.zone in zones}
    return act.change("revoke", person, by=by, doors=doors)


async def set_state(
    office: Office, person: PersonId, state: PersonState, *, by: str
) -> ChangeId:
    """Put the person into `state`; the same state again changes nothing.

    Raises:
        InputError: no such person.
    """
    return await office.act(lambda act: set_state_in(act, office, person, state, by=by))


def set_state_in(
    act: Act,
    office: Office,
    person: PersonId,
    state: PersonState,
    *,
    by: str,
    reason: str = "",
) -> ChangeId:
    """The same inside an act; `reason` goes into the log."""
    known = demand_person(act.connection, person)
    grants = register.grants_of(act.connection, person)
    lost = lost_with(office, state, grants)
    if known.state is not state:
        register.set_state(act.connection, person, state, act.at)
        change = f"state {known.state} -> {state}"
        act.say(
            PersonChanged(
                door=CONTROLLER,
                at=act.at,
                person=person,
                change=f"{change}: {reason}" if reason else change,
                by=by,
            )
        )
    if lost:
        _withdraw(act, person, lost, reason=state, by=by)
    if state in _SETTLES:
        settle_in(act, person, _SETTLES[state], by=by, note=reason)
    doors = doors_of_person(office.site, known, grants)
    return act.change(f"state {state}", person, by=by, doors=doors)


def transfer_in(
    act: Act, office: Office, known: StoredPerson, post: Post, *, by: str, reason: str
) -> ChangeId:
    """Inside an act: another post. What was granted was for the work of the old one,
    and is withdrawn at once (G5.1.2-3)."""
    grants = register.grants_of(act.connection, known.id)
    live = [g for g in grants if g.withdrawal is None]
    doors = change_in(act, office, known, replace(known, post=post), by=by, note=reason)
    if live:
        _withdraw(act, known.id, live, reason=TRANSFERRED, by=by)
    return act.change(TRANSFER, known.id, by=by, doors=doors)


def lost_with(
    office: Office, state: PersonState, grants: Sequence[StoredGrant]
) -> list[StoredGrant]:
    """Which grants end with that state."""
    live = [g for g in grants if g.withdrawal is None]
    match state:
        case PersonState.LEFT:
            return live
        case PersonState.DE_SECRECY:
            return [g for g in live if _secret(office, g.grant.zone)]
        case PersonState.ACTIVE | PersonState.SUSPENDED:
            return []


def _secret(office: Office, zone: ZoneId) -> bool:
    """A zone that the site no longer has counts as secret."""
    known = office.site.zones.get(zone)
    return known is None or known.level is not ZoneLevel.NON_SECRET


def _live(act: Act, person: PersonId, zone: ZoneId | None) -> list[StoredGrant]:
    grants = register.grants_of(act.connection, person, zone)
    return [g for g in grants if g.withdrawal is None]


def _withdraw(
    act: Act,
    person: PersonId,
    grants: Sequence[StoredGrant],
    *,
    reason: str,
    by: str,
) -> None:
    register.withdraw_grants(act.connection, grants, Withdrawal(act.at, reason), by=by)
    act.say(
        *(
            GrantRevoked(
                door=CONTROLLER,
                at=act.at,
                grant=each.grant.id,
                person=person,
                zone=each.grant.zone,
                reason=reason,
                by=by,
            )
            for each in grants
        )
    )
