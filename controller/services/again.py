"""Whether what is asked for was just done: a button pressed twice, or in two tabs.

Then nothing happens, and the answer is that of the first time. Anything that differs is
no repetition: it is done, or refused and recorded, as ever.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from controller.store import visit_papers, visits
from controller.store.vault import Vault
from domain.ids import PersonId
from domain.visit_classes import ReturnItem
from domain.visit_devices import CarriedDevice, compared
from domain.visits import Declined, Signed, Visit, Visitor

Same = Callable[[Connection, Visit], bool]


def identified(person: PersonId, document: str, last_digits: str) -> Same:
    def same(_: Connection, visit: Visit) -> bool:
        known = _visitor(visit, person).identity
        return known is not None and (
            (known.document, known.last_digits) == (document, last_digits)
        )

    return same


def signed(person: PersonId, text_digest: bytes) -> Same:
    """The same wording: whoever signs by hand again signs once."""

    def same(_: Connection, visit: Visit) -> bool:
        paper = _visitor(visit, person).undertaking
        return isinstance(paper, Signed) and paper.text_digest == text_digest

    return same


def declined(person: PersonId) -> Same:
    def same(_: Connection, visit: Visit) -> bool:
        return isinstance(_visitor(visit, person).undertaking, Declined)

    return same


def declared(
    person: PersonId, devices: tuple[CarriedDevice, ...], locker: int | None
) -> Same:
    def same(_: Connection, visit: Visit) -> bool:
        known = _visitor(visit, person).devices
        return known is not None and (
            (known.devices, known.locker) == (devices, locker)
        )

    return same


def turned_away(person: PersonId) -> Same:
    def same(_: Connection, visit: Visit) -> bool:
        return _visitor(visit, person).turned_away

    return same


def checked_in(vault: Vault, badges: Mapping[PersonId, bytes]) -> Same:
    """Everybody who came holds the very badge."""

    def same(connection: Connection, visit: Visit) -> bool:
        if not all(who.checked_in_at for who in visit.coming) or not visit.coming:
            return False
        held = visit_papers.badges_of(connection, vault, [visit.id])
        live = {
            person: badge.credential.data
            for person, given in held.items()
            for badge in given
            if badge.live
        }
        return live == dict(badges)

    return same


def checked_out(
    person: PersonId, out: tuple[CarriedDevice, ...], returned: frozenset[ReturnItem]
) -> Same:
    """What was ticked is the same, and nothing leaves that was not declared: that is
    kept in the incident alone."""

    def same(connection: Connection, visit: Visit) -> bool:
        who = _visitor(visit, person)
        if who.checked_out_at is None or compared(who.devices, out).unexpected:
            return False
        ticked = returned & frozenset(visit.demands.returns)
        left = visits.devices_out(connection, visit.id, person)
        return visits.returned(connection, visit.id, person) == ticked and Counter(
            left
        ) == Counter(out)

    return same


_NOBODY = Visitor(
    id=PersonId(""),
    identity=None,
    undertaking=None,
    devices=None,
    checked_in_at=None,
    checked_out_at=None,
    turned_away=False,
)


def _visitor(visit: Visit, person: PersonId) -> Visitor:
    return visit.visitor(person) or _NOBODY
