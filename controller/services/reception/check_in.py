"""Check in everybody who comes, together, each with a badge of their own."""

from collections import Counter
from collections.abc import Mapping

from controller.services import again
from controller.services.desk import levels_of
from controller.services.office import Act, Office
from controller.services.reception.escort import ratio_of
from controller.services.visit_step import Done, change
from controller.store import credentials, visit_papers
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CONTROLLER, CredentialId, PersonId, VisitId
from domain.office_events import CredentialEnrolled
from domain.visit_events import VisitCheckedIn
from domain.visit_problems import Refused, VisitProblem, refused
from domain.visits import Visit


async def check_in(
    office: Office,
    id_: VisitId,
    *,
    escorts_present: frozenset[PersonId],
    badges: Mapping[PersonId, bytes],
    by: str,
) -> Done | Refused:
    """Everybody who comes, together, each with a badge of their own.

    `badges`: the keyed digest of each one's badge.

    Raises:
        InputError: no such visit, or a badge is somebody else's.
    """

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        visit = stored.visit
        after = visit_acts.check_in(
            visit,
            escorts_present=escorts_present,
            ratio=ratio_of(office.site),
            levels=levels_of(office.site),
            at=act.at,
        )
        found = set(after.problems if isinstance(after, Refused) else ())
        if not all(who.id in badges for who in visit.coming):
            found.add(VisitProblem.NO_BADGE)
        return refused(found) or after

    def then(act: Act, visit: Visit) -> None:
        people = tuple(who.id for who in visit.coming)
        _issue_badges(act, office, visit, {p: badges[p] for p in people}, by=by)
        act.say(
            VisitCheckedIn(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                people=people,
                escorts=visit.escorts,
                present=tuple(e for e in visit.escorts if e in escorts_present),
            )
        )

    same = again.checked_in(office.vault, badges)
    return await change(office, id_, "check_in", step, then, by=by, same=same)


def _issue_badges(
    act: Act, office: Office, visit: Visit, badges: Mapping[PersonId, bytes], *, by: str
) -> None:
    twice = [d for d, times in Counter(badges.values()).items() if times > 1]
    if twice:
        raise InputError("one badge is written down for two visitors")
    for person, data in badges.items():
        id_ = CredentialId(f"{person}.{office.new_id()}")
        badge = Credential(id_, Factor.BADGE, data)
        mark = office.vault.mark(badge)
        if mark is None:
            raise InputError("this is no badge")
        holder = credentials.holder_of_badge(act.connection, mark)
        if holder is not None:
            raise InputError(f"this badge is `{holder}`'s")
        if visit_papers.badge_is_out(act.connection, mark):
            raise InputError(f"the badge for `{person}` is out, or was never returned")
        visit_papers.issue_badge(
            act.connection,
            office.vault,
            visit.id,
            person,
            badge,
            mark,
            at=act.at,
            by=by,
        )
        act.say(
            CredentialEnrolled(
                door=CONTROLLER,
                at=act.at,
                person=person,
                factor=Factor.BADGE,
                duress=False,
                by=by,
            )
        )
