"""The words of a signed undertaking's paper, in the language that was signed."""

from dataclasses import dataclass
from datetime import datetime

from config.schema import Site
from controller.papers.undertaking import UndertakingText
from controller.services.board import Named
from controller.services.desk import DeskVisit, DeskVisitor
from controller.services.strokes import HEIGHT, WIDTH, kept
from controller.services.undertakings import (
    check_code,
    signature_digest,
    text_digest,
)
from controller.store.visit_papers import StoredUndertaking
from controller.store.visit_papers import UndertakingText as Wording
from controller.web.pages.undertaking import parts_of
from controller.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What there is about one: `witness` where somebody saw it."""

    visit: DeskVisit
    who: DeskVisitor
    paper: StoredUndertaking
    wording: Wording
    witness: Named | None


def paper_text(signing: Signing, site: Site, say: Words) -> UndertakingText:
    paper = signing.paper
    code = "" if paper.digest is None else check_code(paper.digest)
    return UndertakingText(
        title=signing.wording.title,
        language=paper.language,
        warning="" if is_sound(signing) else say("undertaking.paper.broken"),
        version=f"{say.of(site)} · {say('lobby.version', n=paper.version)}",
        facts=_facts(signing, site, say),
        parts=tuple((p.number, p.text) for p in parts_of(signing.wording.body)),
        signature=say("lobby.signature"),
        lines=() if paper.strokes is None else kept(paper.strokes).lines,
        box=(WIDTH, HEIGHT),
        instead=_instead(signing, say),
        proof=_proof(signing, code, site, say),
        foot=" · ".join(part for part in (say.of(site), paper.visit, code) if part),
    )


def is_sound(signing: Signing) -> bool:
    """Whether text and signature are those of the digests beside them."""
    paper, wording = signing.paper, signing.wording
    same_text = text_digest(wording.title, wording.body) == paper.text_digest
    same_signature = paper.declined or signature_digest(paper) == paper.digest
    return same_text and same_signature


def _facts(signing: Signing, site: Site, say: Words) -> tuple[tuple[str, str], ...]:
    visit = signing.visit
    comma = say("board.decision.list")
    zones = [say.of(site.zones[z]) for z in visit.route if z in site.zones]
    since, until = _minute(visit.since, site), _minute(visit.until, site)
    return (
        (say("lobby.fact.who"), say.of(signing.who.person)),
        (say("undertaking.paper.organisation"), signing.who.organisation),
        (say("undertaking.paper.visit"), visit.visit),
        (say("lobby.fact.purpose"), visit.purpose),
        (say("lobby.fact.when"), f"{since} – {until}"),
        (say("lobby.fact.where"), comma.join(zones)),
        (say("lobby.fact.escort"), comma.join(say.of(e) for e in visit.escorts)),
    )


def _instead(signing: Signing, say: Words) -> str:
    witness = say.of(signing.witness) if signing.witness else ""
    if signing.paper.declined:
        return say("undertaking.paper.declined", witness=witness)
    who = say.of(signing.who.person)
    return say("undertaking.paper.typed", who=who, witness=witness)


def _proof(
    signing: Signing, code: str, site: Site, say: Words
) -> tuple[tuple[str, str], ...]:
    paper = signing.paper
    at = paper.at.astimezone(site.tz)
    rows = [
        (say("undertaking.paper.at"), f"{at:%Y-%m-%d %H:%M:%S %z}"),
        (say("undertaking.paper.where"), paper.where),
        (say("undertaking.paper.photo"), _photo(paper.photo, say)),
        (say("undertaking.paper.text_digest"), paper.text_digest.hex()),
    ]
    if paper.digest is not None:
        rows.append((say("undertaking.paper.digest"), paper.digest.hex()))
        rows.append((say("lobby.check_code"), code))
    return tuple(rows)


def _photo(agreed: bool | None, say: Words) -> str:
    if agreed is None:
        return say("undertaking.paper.not_asked")
    key = "agreed" if agreed else "not_agreed"
    return say(f"undertaking.paper.{key}")


def _minute(at: datetime, site: Site) -> str:
    return f"{at.astimezone(site.tz):%Y-%m-%d %H:%M}"
