"""The texts visitors sign: started from those shipped, then the officer's own.

A new wording is a new version of every language at once; what was signed before stays
bound to its own. Whoever signs sends the digest of what was on their screen: if that
isn't the wording in force, nothing is signed.
"""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from config.undertakings import shipped
from controller.services.office import Act, Office
from controller.store import visit_papers
from controller.store.visit_papers import StoredUndertaking, UndertakingText
from domain.errors import InputError
from domain.ids import CONTROLLER, VisitId
from domain.visit_events import UndertakingTextChanged
from wire import canonical
from wire.canonical import Json

SHIPPED_BY: Final = "shipped"
# Characters of a title and of a body: what a person reads to its end.
MAX_TITLE: Final = 200
MAX_BODY: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in one language, as the officer writes it."""

    title: str
    body: str


def text_digest(title: str, body: str) -> bytes:
    """What a text is known by: 32 bytes."""
    return sha256(title.encode() + b"\n" + body.encode()).digest()


def signature_digest(paper: StoredUndertaking) -> bytes:
    """What binds text, strokes, signer, place and instant, as the log has it."""
    strokes = paper.strokes
    bound: dict[str, Json] = {
        "visit": paper.visit,
        "person": paper.person,
        "text": f"{paper.text}/{paper.version}",
        "language": paper.language,
        "text_digest": paper.text_digest.hex(),
        "strokes": None if strokes is None else sha256(strokes).hexdigest(),
        "witness": paper.witness,
        "at": canonical.instant_text(paper.at),
        "where": paper.where,
    }
    if paper.photo is not None:  # papers from before it was asked lack the key
        bound["photo"] = paper.photo
    return sha256(canonical.dumps(bound)).digest()


def check_code(digest: bytes) -> str:
    """What a visitor takes along to find their paper again: 40 bits of its digest."""
    letters = b32encode(digest[:5]).decode()
    return f"{letters[:4]}-{letters[4:]}"


async def start_texts(office: Office) -> None:
    """Add the shipped texts, if the register has none yet."""
    if await office.database.read(_lacks_texts):
        await office.act(start_texts_in)


def start_texts_in(act: Act) -> None:
    """The same inside an act."""
    if not _lacks_texts(act.connection):
        return
    for id_ in dict.fromkeys(each.id for each in shipped()):
        if visit_papers.latest_version(act.connection, id_) == 0:
            wordings = {
                each.language: Wording(title=each.title, body=each.body)
                for each in shipped()
                if each.id == id_
            }
            _add(act, id_, 1, wordings, by=SHIPPED_BY)


async def change_text(
    office: Office, id_: str, wordings: Mapping[str, Wording], *, by: str
) -> int:
    """Put a new version in force; its number.

    Raises:
        InputError: no such text, a language is missing, or a wording is empty or
            too long.
    """
    made = await change_text_from(office, id_, None, wordings, by=by)
    return made or 0  # without a version to be based on there is always one


async def change_text_from(
    office: Office,
    id_: str,
    based_on: int | None,
    wordings: Mapping[str, Wording],
    *,
    by: str,
) -> int | None:
    """The same, if `based_on` is the latest version; None: somebody was faster.

    Raises:
        InputError: as `change_text`.
    """

    def work(act: Act) -> int | None:
        start_texts_in(act)
        latest = visit_papers.latest_version(act.connection, id_)
        if latest == 0:
            raise InputError(f"there is no undertaking `{id_}`")
        if based_on is not None and based_on != latest:
            return None
        wanted = {each.language for each in shipped() if each.id == id_}
        if missing := wanted - set(wordings):
            raise InputError(f"the text is missing in {', '.join(sorted(missing))}")
        for language, wording in wordings.items():
            _demand_readable(language, wording)
        _add(act, id_, latest + 1, wordings, by=by)
        return latest + 1

    return await office.act(work)


def in_force(connection: Connection, id_: str) -> Mapping[str, UndertakingText]:
    """The version to be signed now, by language.

    Raises:
        InputError: there is no such text.
    """
    latest = visit_papers.latest_version(connection, id_)
    if latest == 0:
        raise InputError(f"there is no undertaking `{id_}`")
    texts = visit_papers.texts(connection, id_)
    return {each.language: each for each in texts if each.version == latest}


def _lacks_texts(connection: Connection) -> bool:
    ids = {each.id for each in shipped()}
    return not ids <= visit_papers.text_ids(connection)


def _demand_readable(language: str, wording: Wording) -> None:
    for what, text, most in (
        ("title", wording.title, MAX_TITLE),
        ("body", wording.body, MAX_BODY),
    ):
        if not text.strip() or len(text) > most:
            raise InputError(f"the {what} in {language} must have 1..{most} characters")


def _add(
    act: Act, id_: str, version: int, wordings: Mapping[str, Wording], *, by: str
) -> None:
    texts = [
        UndertakingText(
            id=id_,
            version=version,
            language=language,
            title=wording.title,
            body=wording.body,
            digest=text_digest(wording.title, wording.body),
            made_at=act.at,
            made_by=by,
        )
        for language, wording in sorted(wordings.items())
    ]
    visit_papers.add_texts(act.connection, texts)
    act.say(
        UndertakingTextChanged(
            door=CONTROLLER,
            at=act.at,
            visit=VisitId(""),
            by=by,
            text=f"{id_}/{version}",
            text_digests=tuple(each.digest.hex() for each in texts),
        )
    )
