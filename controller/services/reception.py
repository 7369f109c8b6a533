"""What is done while visitors stand at the desk: step by step, none skipped.

    identify, sign_undertaking, decline_undertaking, declare_devices, turn_away
    check_in, hand_over, check_out

Whoever is refused is told everything that is missing at once. Going out nobody is
held: what is missing then is an incident, and a badge that isn't given back is
revoked at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from config.schema import Site
from controller.services import again, photos
from controller.services.desk import levels_of
from controller.services.office import Act, Office, demand_person
from controller.services.undertakings import in_force, signature_digest
from controller.services.visit_watch import overdue_cleared
from controller.services.visits import (
    Done,
    change,
    change_in,
    demand_visit,
    say_refused,
)
from controller.store import credentials, visit_papers, visits
from controller.store.visit_papers import StoredUndertaking, UndertakingText
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CONTROLLER, CredentialId, PersonId, VisitId
from domain.office_events import CredentialEnrolled
from domain.visit_acts import Left
from domain.visit_classes import EscortRatio, ReturnItem
from domain.visit_devices import CarriedDevice, DeviceDeclaration
from domain.visit_events import (
    DevicesDeclared,
    EscortHandedOver,
    UndertakingDeclined,
    UndertakingSigned,
    VisitCheckedIn,
    VisitIncident,
    VisitorBadgeRevoked,
    VisitorCheckedOut,
    VisitorIdentified,
    VisitorTurnedAway,
)
from domain.visit_life import ENDED
from domain.visit_problems import Refused, VisitProblem, refused
from domain.visits import Declined, Identity, Signed, Visit

MAX_STROKES: Final = 256 * 1024  # bytes: a signature has a few thousand
MAX_DEVICES: Final = 50  # of one visitor
MAX_LOCKER: Final = 9999
_MAX_FIELD: Final = 100
_MAX_DOCUMENT: Final = 32


async def identify(
    office: Office,
    id_: VisitId,
    person: PersonId,
    *,
    document: str,
    last_digits: str,
    by: str,
) -> Done | Refused:
    """A document was looked at; its kind and last digits are kept, never more.

    Raises:
        InputError: no such visit, or no such document.
    """
    if not document.isidentifier() or len(document) > _MAX_DOCUMENT:
        raise InputError("the document is named like `id_card`")
    if not last_digits.isalnum() or not last_digits.isascii():
        raise InputError("the last digits are letters and digits")

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        identity = Identity(document=document, last_digits=last_digits, at=act.at)
        return visit_acts.identify(stored.visit, person, identity)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitorIdentified(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                document=document,
            )
        )

    same = again.identified(person, document, last_digits)
    return await change(
        office, id_, "identify", step, then, by=by, person=person, same=same
    )


async def sign_undertaking(
    office: Office,
    id_: VisitId,
    person: PersonId,
    *,
    text_digest: bytes,
    strokes: bytes | None,
    witness: PersonId | None,
    where: str,
    by: str,
    photo: bool | None = None,
) -> Done | Refused:
    """`text_digest`: of the text that was on the screen. `strokes`: what the finger
    drew; None: the name was typed, before a `witness`. `where`: the tablet or desk.
    `photo`: whether they agreed to be photographed; None: they weren't asked.

    Raises:
        InputError: no such visit, or the strokes are too large.
    """
    if strokes is not None and not 1 <= len(strokes) <= MAX_STROKES:
        raise InputError(f"a signature has 1..{MAX_STROKES} bytes")
    _demand_short("place", where)
    signed: list[StoredUndertaking] = []

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        text = _shown(act, stored.visit, text_digest)
        wrong = refused(
            p
            for p, holds in {
                VisitProblem.WRONG_TEXT: text is None,
                VisitProblem.UNWITNESSED: strokes is None and witness is None,
            }.items()
            if holds
        )
        if wrong is not None or text is None:
            return wrong or Refused((VisitProblem.WRONG_TEXT,))
        if witness is not None:
            demand_person(act.connection, witness)
        paper = _signed(stored.visit, person, text, strokes, witness, where, act, photo)
        signed.append(paper)
        mark = Signed(
            text=text.name,
            text_digest=text.digest,
            digest=paper.digest or b"",
            at=act.at,
        )
        return visit_acts.sign(stored.visit, person, mark)

    def then(act: Act, visit: Visit) -> None:
        paper = signed[-1]
        visit_papers.add_undertaking(act.connection, office.vault, paper)
        if paper.photo is False:  # their own word, later than the guard's tick
            photos.withdraw_in(act, id_, person, by=by)
        act.say(
            UndertakingSigned(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                text=f"{paper.text}/{paper.version}",
                language=paper.language,
                text_digest=paper.text_digest.hex(),
                digest=(paper.digest or b"").hex(),
                where=where,
            )
        )

    # What a tablet sends is of one task, and settled there.
    at_desk = strokes is None and photo is None
    same = again.signed(person, text_digest) if at_desk else None
    return await change(
        office, id_, "sign", step, then, by=by, person=person, same=same
    )


async def decline_undertaking(
    office: Office,
    id_: VisitId,
    person: PersonId,
    *,
    witness: PersonId,
    language: str,
    where: str,
    by: str,
) -> Done | Refused:
    """An inspector was told of the duty and does not sign (G5.5.3-1).

    Raises:
        InputError: no such visit or witness.
    """
    _demand_short("place", where)
    told: list[UndertakingText] = []

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        if witness:
            demand_person(act.connection, witness)
        texts = in_force(act.connection, stored.visit.demands.undertaking)
        text = texts.get(language) or next(iter(texts.values()))
        told.append(text)
        declined = Declined(text=text.name, witness=witness, at=act.at)
        return visit_acts.decline(stored.visit, person, declined)

    def then(act: Act, visit: Visit) -> None:
        text = told[-1]
        visit_papers.add_undertaking(
            act.connection,
            office.vault,
            StoredUndertaking(
                visit=id_,
                person=person,
                text=text.id,
                version=text.version,
                language=text.language,
                text_digest=text.digest,
                digest=None,
                strokes=None,
                declined=True,
                witness=witness,
                at=act.at,
                where=where,
            ),
        )
        act.say(
            UndertakingDeclined(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                text=text.name,
                witness=witness,
            )
        )

    same = again.declined(person)
    return await change(
        office, id_, "decline", step, then, by=by, person=person, same=same
    )


async def declare_devices(
    office: Office,
    id_: VisitId,
    person: PersonId,
    devices: Iterable[CarriedDevice],
    *,
    locker: int | None,
    by: str,
) -> Done | Refused:
    """Everything they carry; none: "nothing besides" was said and ticked.

    One that refuses the check-in (a storage device to be carried in) is kept all the
    same, so that it can be seen and put right.

    Raises:
        InputError: no such visit, a text is too long, or the locker is taken.
    """
    listed = tuple(devices)
    _demand_devices(listed)
    if locker is not None and not 1 <= locker <= MAX_LOCKER:
        raise InputError(f"a locker has a number from 1 to {MAX_LOCKER}")

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        mine = (id_, person)
        if locker is not None and visits.locker_taken(
            act.connection, locker, but_by=mine
        ):
            raise InputError(f"locker {locker} is taken")
        declared = DeviceDeclaration(devices=listed, locker=locker, at=act.at)
        return visit_acts.declare(stored.visit, person, declared)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            DevicesDeclared(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                devices=listed,
                locker=locker,
            )
        )

    same = again.declared(person, listed, locker)
    return await change(
        office, id_, "declare", step, then, by=by, person=person, same=same
    )


async def turn_away(
    office: Office, id_: VisitId, person: PersonId, *, reason: str, by: str
) -> Done | Refused:
    """Somebody of the group did not come, or isn't let in.

    Raises:
        InputError: no such visit, or no reason.
    """
    _demand_short("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        visits.empty_locker(act.connection, id_, person, act.at)
        act.say(
            VisitorTurnedAway(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                reason=reason,
            )
        )

    return await change(
        office,
        id_,
        "turn_away",
        lambda act, stored: visit_acts.turn_away(stored.visit, person),
        then,
        by=by,
        person=person,
        same=again.turned_away(person),
    )


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


async def hand_over(
    office: Office,
    id_: VisitId,
    *,
    old: PersonId,
    new: PersonId,
    present: frozenset[PersonId],
    by: str,
) -> Done | Refused:
    """`new` leads the visit instead of `old`, both at the desk.

    Raises:
        InputError: no such visit, or nobody of that id.
    """

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        standing = demand_person(act.connection, new).state
        return visit_acts.hand_over(
            stored.visit,
            old=old,
            new=new,
            standing=standing,
            present=present,
            at=act.at,
        )

    def then(act: Act, visit: Visit) -> None:
        act.say(
            EscortHandedOver(
                door=CONTROLLER, at=act.at, visit=id_, by=by, old=old, new=new
            )
        )

    return await change(office, id_, "hand_over", step, then, by=by)


async def check_out(
    office: Office,
    id_: VisitId,
    person: PersonId,
    *,
    out: Iterable[CarriedDevice],
    returned: frozenset[ReturnItem],
    by: str,
) -> Left | Refused:
    """One visitor leaves: `out` the devices that go with them, `returned` what was
    ticked. From this moment no door knows the badge.

    Raises:
        InputError: no such visit, or a text is too long.
    """
    leaving = tuple(out)
    _demand_devices(leaving)
    same = again.checked_out(person, leaving, returned)

    def work(act: Act) -> Left | Refused:
        stored = demand_visit(act.connection, id_)
        left = visit_acts.check_out(
            stored.visit, person, out=leaving, returned=returned, at=act.at
        )
        if isinstance(left, Refused):
            if same(act.connection, stored.visit):
                return visit_acts.left_as(stored.visit, person, leaving, returned)
            say_refused(act, id_, "check_out", left, by=by, person=person)
            return left
        visits.save(act.connection, stored.visit, left.visit, at=act.at, by=by)
        _note_leaving(act, left, person, leaving, returned, by=by)
        photos.end_in(act, left.visit, by=by)
        if left.visit.state in ENDED and stored.overdue_alarmed_at is not None:
            act.say(overdue_cleared(id_, at=act.at))
        change_in(act, office, stored.visit, left.visit, "check_out", by=by)
        return left

    return await office.act(work)


def ratio_of(site: Site) -> EscortRatio:
    """How many visitors one escort may lead on this site."""
    return site.escorts


# --- inside ---


def _shown(act: Act, visit: Visit, digest: bytes) -> UndertakingText | None:
    """The text in force with that digest; None: it was another that was shown."""
    texts = in_force(act.connection, visit.demands.undertaking)
    return next((text for text in texts.values() if text.digest == digest), None)


def _signed(
    visit: Visit,
    person: PersonId,
    text: UndertakingText,
    strokes: bytes | None,
    witness: PersonId | None,
    where: str,
    act: Act,
    photo: bool | None,
) -> StoredUndertaking:
    """What is kept, with its digest."""
    paper = StoredUndertaking(
        visit=visit.id,
        person=person,
        text=text.id,
        version=text.version,
        language=text.language,
        text_digest=text.digest,
        digest=None,
        strokes=strokes,
        declined=False,
        witness=witness,
        at=act.at,
        where=where,
        photo=photo,
    )
    return replace(paper, digest=signature_digest(paper))


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


def _note_leaving(
    act: Act,
    left: Left,
    person: PersonId,
    out: tuple[CarriedDevice, ...],
    returned: frozenset[ReturnItem],
    *,
    by: str,
) -> None:
    """Badge, locker, devices and returns; what is missing is an incident."""
    visit, at, link = left.visit, act.at, act.connection
    unreturned = frozenset(left.unreturned)
    ticked = {item: item not in unreturned for item in visit.demands.returns}
    visits.note_returns(link, visit.id, person, ticked, at=at, by=by)
    visits.note_devices_out(link, visit.id, person, out, at)
    badge_back = ReturnItem.BADGE not in unreturned
    visit_papers.end_badge(link, visit.id, person, at, returned=badge_back)
    if ReturnItem.LOCKER not in unreturned:
        visits.empty_locker(link, visit.id, person, at)
    act.say(
        VisitorCheckedOut(
            door=CONTROLLER,
            at=at,
            visit=visit.id,
            by=by,
            person=person,
            returned=tuple(item for item in ReturnItem if item in returned),
            over=visit.state in ENDED,
        )
    )
    if not badge_back:
        act.say(
            VisitorBadgeRevoked(
                door=CONTROLLER, at=at, visit=visit.id, by=by, person=person
            )
        )
    if left.devices or left.unreturned:
        act.say(
            VisitIncident(
                door=CONTROLLER,
                at=at,
                visit=visit.id,
                by=by,
                person=person,
                missing=left.devices.missing,
                unexpected=left.devices.unexpected,
                unreturned=left.unreturned,
            )
        )


def _demand_devices(devices: tuple[CarriedDevice, ...]) -> None:
    if len(devices) > MAX_DEVICES:
        raise InputError(f"nobody carries more than {MAX_DEVICES} devices")
    for each in devices:
        for text in (each.type, each.make, each.serial):
            if len(text) > _MAX_FIELD:
                raise InputError(f"type, make and serial have at most {_MAX_FIELD}")


def _demand_short(what: str, text: str) -> None:
    if not text.strip() or len(text) > _MAX_FIELD:
        raise InputError(f"the {what} must have 1..{_MAX_FIELD} characters")
