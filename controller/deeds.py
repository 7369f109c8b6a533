"""What the command line asks of the office, without a controller of its own.

Each deed opens the database, does one thing through the same services as the
controller, and waits for doors to confirm as long as it was told to.
"""

import argparse
import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import Final

from config.locales import words as words_of
from config.schema import GrantSpec, Site
from controller import telling
from controller.services import command, enrol, grant, people, revoke, rosters
from controller.services.office import Office
from controller.services.recorder import Recorder
from controller.services.why import Why, why
from controller.store import register, sendings
from controller.store.database import Database, open_database
from controller.store.sendings import ChangeId, Receipt
from controller.store.vault import Vault, vault_of
from domain.commands import (
    EndLockdown,
    Order,
    ResetOccupancy,
    StartLockdown,
    UnlockDoor,
)
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CredentialId, DoorId, PersonId, ScheduleId, ZoneId
from domain.people import PersonState, Rank
from wire.clock import SystemClock
from wire.keys import SiteKeys
from wire.keys import load_site as load_keys
from wire.sealing import badge_digest, make_signing_key, pin_verifier

# Seconds between two looks whether doors have confirmed.
_LOOK: Final = 0.2
_DATABASE: Final = "controller.db"

_STATES: Final[Mapping[str, PersonState]] = {
    "leave": PersonState.LEFT,
    "suspend": PersonState.SUSPENDED,
    "de-secrecy": PersonState.DE_SECRECY,
    "reinstate": PersonState.ACTIVE,
}
_ORDERS: Final[Mapping[str, Callable[[str], Order]]] = {
    "unlock": UnlockDoor,
    "lockdown": StartLockdown,
    "end-lockdown": EndLockdown,
    "reset-occupancy": ResetOccupancy,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    office: Office
    keys: SiteKeys


async def perform(site: Site, options: argparse.Namespace) -> int:
    """Do what was asked; 0, or 1 if a door has not confirmed it in time."""
    if options.command == "why":
        return await _why(site, options)
    if options.action == "people":
        return await _people(site, options)
    async with desk_of(site, options) as desk:
        if options.action in _ORDERS:
            return await _order(desk, options)
        change = await _change(desk, options)
        return await _wait(desk.office, change, options.wait)


def database_of(site: Site, options: argparse.Namespace) -> str:
    """The URL of the register.

    Raises:
        InputError: nobody said where it is.
    """
    said = options.database or site.controller.database
    if said is not None:
        return str(said)
    if options.data is None:
        raise InputError("where is the register? give `--data` or `--database`")
    folder: Path = options.data
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"sqlite:///{folder / _DATABASE}"


# --- changes ---


async def _change(desk: Desk, options: argparse.Namespace) -> ChangeId:
    office, by = desk.office, options.by
    person = PersonId(options.person)
    match options.action:
        case "grant":
            return await grant.grant(office, person, _grant_spec(options), by=by)
        case "revoke":
            zone = None if options.zone is None else ZoneId(options.zone)
            return await revoke.revoke(
                office, person, zone, reason=options.reason, by=by
            )
        case "enrol":
            credential = _credential(desk.keys, options)
            return await enrol.enrol(office, person, credential, by=by)
        case action:
            return await revoke.set_state(office, person, _STATES[action], by=by)


def _grant_spec(options: argparse.Namespace) -> GrantSpec:
    return GrantSpec(
        zone=ZoneId(options.zone),
        rank=Rank(options.rank),
        purpose=options.purpose,
        since=SystemClock().now(),
        until=None if options.until is None else instant(options.until),
        schedule=None if options.schedule is None else ScheduleId(options.schedule),
    )


def _credential(keys: SiteKeys, options: argparse.Namespace) -> Credential:
    """A badge's number in hex, or a PIN, from standard input."""
    factor = Factor(options.factor)
    duress = "-duress" if options.duress else ""
    typed = sys.stdin.readline().strip()
    if factor is Factor.BADGE:
        try:
            data = badge_digest(keys.digest, bytes.fromhex(typed))
        except ValueError:
            raise InputError(
                "a badge number is written in hex, two digits a byte"
            ) from None
        id_ = f"{options.person}.badge{duress}"
    else:
        if not typed.isdecimal() or not 4 <= len(typed) <= 12:
            raise InputError("a PIN is 4 to 12 digits")
        data = pin_verifier(keys.digest, options.person, typed)
        id_ = f"{options.person}.pin{duress}"
    return Credential(CredentialId(id_), factor, data, options.duress)


async def _wait(office: Office, change: ChangeId, seconds: float) -> int:
    """Print each door's receipt; give them `seconds` to come."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        receipts = await _receipts(office, change)
        pending = [r for r in receipts.values() if r.confirmed_at is None]
        if not pending or loop.time() >= until:
            break
        await asyncio.sleep(_LOOK)
    print("\n".join(telling.receipt_lines(receipts, office.site.tz)))
    return 1 if pending else 0


async def _receipts(office: Office, change: ChangeId) -> Mapping[DoorId, Receipt]:
    found = await office.database.read(lambda c: sendings.receipts(c, change))
    return {each.door: each for each in found}


async def _order(desk: Desk, options: argparse.Namespace) -> int:
    """Record it; a running controller sends it, or it expires."""
    order = _ORDERS[options.action](options.reason)
    office = desk.office
    id_ = await command.command(office, DoorId(options.door), order, by=options.by)
    loop = asyncio.get_running_loop()
    until = loop.time() + options.wait
    while True:
        found = await office.database.read(lambda c: sendings.command(c, id_))
        answer = None if found is None else found.answer
        if answer is not None or loop.time() >= until:
            break
        await asyncio.sleep(_LOOK)
    print(f"{options.door}: {answer or 'no answer yet'}")
    return 0 if answer == "received" else 1


# --- questions ---


async def _people(site: Site, options: argparse.Namespace) -> int:
    database = await open_database(database_of(site, options))
    try:
        everybody = await database.read(register.people)
        grants = rosters.by_person(await database.read(register.all_grants))
    finally:
        await database.close()
    words = words_of(options.language)
    print("\n".join(telling.people_lines(everybody, grants, words)))
    return 0


async def _why(site: Site, options: argparse.Namespace) -> int:
    person, door = PersonId(options.person), DoorId(options.door)
    if door not in site.doors:
        raise InputError(f"no door `{door}` in this site")
    at = SystemClock().now() if options.at is None else instant(options.at)
    async with _register(site, options) as database:
        answer: Why = await database.read(lambda c: why(c, site, person, door, at=at))
    print("\n".join(telling.why_lines(answer, site, words_of(options.language))))
    return 0


@asynccontextmanager
async def _register(site: Site, options: argparse.Namespace) -> AsyncIterator[Database]:
    """The register; where none was named, one made of the site file's people."""
    named = options.database or options.data or site.controller.database
    with TemporaryDirectory(prefix="menshen-why-") as folder:
        url = database_of(site, options) if named else f"sqlite:///{folder}/why.db"
        database = await open_database(url)
        try:
            if not named:
                await _seed_from_file(site, database)
            yield database
        finally:
            await database.close()


async def _seed_from_file(site: Site, database: Database) -> None:
    """Grants of the file are for ever, so they are made long before any question."""
    random = secrets.token_bytes
    vault = Vault(seals=random(32), marks=random(32), random_bytes=random)
    office = Office(
        site=site,
        database=database,
        recorder=Recorder(key=make_signing_key(), clock=_LongAgo()),
        vault=vault,
        badge_key=random(32),
        clock=_LongAgo(),
        new_id=lambda: secrets.token_hex(8),
        acted=lambda acted: None,
    )
    await people.seed(office, site.people.values(), {}, by="site file")


class _LongAgo:
    def now(self) -> datetime:
        return grant.LONG_AGO


@asynccontextmanager
async def desk_of(site: Site, options: argparse.Namespace) -> AsyncIterator[Desk]:
    """The office's services on the database, to act with."""
    if options.keys is None:
        raise InputError("acts are signed: give `--keys`")
    keys = load_keys(options.keys)
    clock = SystemClock()
    database = await open_database(database_of(site, options))
    try:
        office = Office(
            site=site,
            database=database,
            recorder=Recorder(key=keys.sign, clock=clock),
            vault=vault_of(keys, SystemRandom().randbytes),
            badge_key=keys.digest,
            clock=clock,
            new_id=lambda: secrets.token_hex(8),
            acted=lambda acted: None,
        )
        yield Desk(office=office, keys=keys)
    finally:
        await database.close()


def instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"`{text}` is no instant such as 2026-11-23T08:00+08:00"
        ) from None
    if at.tzinfo is None:
        raise InputError(f"`{text}` needs a time zone, such as +08:00")
    return at
