"""Sign the undertaking, or decline it before a witness (G5.5.3-1)."""

from dataclasses import replace
from typing import Final

from controller.services import again, photos
from controller.services.office import Act, Office, demand_person
from controller.services.undertakings import in_force, signature_digest
from controller.services.visit_step import Done, change
from controller.services.visit_texts import demand_short
from controller.store import visit_papers
from controller.store.visit_papers import StoredUndertaking, UndertakingText
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_events import UndertakingDeclined, UndertakingSigned
from domain.visit_problems import Refused, VisitProblem, refused
from domain.visits import Declined, Signed, Visit

MAX_STROKES: Final = 256 * 1024  # bytes: a signature has a few thousand


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
    demand_short("place", where)
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
    demand_short("place", where)
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
