"""Give somebody a zone: a grant with purpose, approver's rank and validity.

Whether the rank suits the zone's level is not refused here: the door refuses and says
so (G4.2.1, G4.2.2), and the office can be told by `menshen why` before.
"""

from datetime import UTC, datetime
from typing import Final

from config.schema import GrantSpec
from controller.services.office import Act, Office, demand_person
from controller.services.rosters import doors_of_zone
from controller.store import register
from controller.store.sendings import ChangeId
from domain.errors import InputError
from domain.ids import CONTROLLER, GrantId, PersonId
from domain.office_events import GrantMade
from domain.people import Grant

# `since` of a grant that is "for ever already".
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def grant(
    office: Office, person: PersonId, spec: GrantSpec, *, by: str
) -> ChangeId:
    """Make the grant; the change says when each door has heard of it.

    Raises:
        InputError: no such person, zone or schedule, or it would end before it begins.
    """
    return await office.act(lambda act: grant_in(act, office, person, spec, by=by))


def grant_in(
    act: Act, office: Office, person: PersonId, spec: GrantSpec, *, by: str
) -> ChangeId:
    """The same inside an act."""
    return make_in(act, office, person, spec, approved_by=None, by=by)[1]


def make_in(
    act: Act,
    office: Office,
    person: PersonId,
    spec: GrantSpec,
    *,
    approved_by: PersonId | None,
    by: str,
) -> tuple[GrantId, ChangeId]:
    """The same, approved by somebody, with the grant's id."""
    office.demand_zone(spec.zone)
    demand_person(act.connection, person)
    since = spec.since or LONG_AGO
    if spec.until is not None and spec.until <= since:
        raise InputError(f"the grant for `{spec.zone}` would end before it begins")
    if spec.schedule is not None and spec.schedule not in office.site.schedules:
        raise InputError(f"no schedule `{spec.schedule}` in this site")
    made = Grant(
        id=GrantId(office.new_id()),
        zone=spec.zone,
        rank=spec.rank,
        approved_by=approved_by,
        purpose=spec.purpose,
        since=since,
        until=spec.until,
        schedule=spec.schedule,
    )
    register.add_grant(act.connection, person, made, at=act.at, by=by)
    act.say(
        GrantMade(
            door=CONTROLLER,
            at=act.at,
            grant=made.id,
            person=person,
            zone=spec.zone,
            purpose=spec.purpose,
            by=by,
        )
    )
    doors = doors_of_zone(office.site, spec.zone)
    return made.id, act.change("grant", person, by=by, doors=doors)
