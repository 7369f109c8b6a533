"""What tokens promise, on whatever database."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

import pytest

from controller.services.office import Acted, Office
from controller.services.recorder import Recorder
from controller.services.tokens import MOST, PREFIX, Tokens, TooManyRefusals
from controller.store.database import open_database
from controller.store.vault import Vault
from domain.errors import InputError
from domain.events import Event
from domain.tokens import (
    Token,
    TokenId,
    TokenMade,
    TokenRefusal,
    TokenRefused,
    TokenRevoked,
    TokenScope,
)
from tests.offices import NINE, site
from tests.web_site import SetClock
from wire.sealing import make_signing_key

HR: Final = TokenId("hr")
DAY: Final = timedelta(days=1)
LEAVE: Final = TokenScope.PEOPLE_LEAVE


class Books:
    """An office and what it said."""

    def __init__(self, office: Office, clock: SetClock) -> None:
        self.said: list[Event] = []
        self.clock = clock
        self.office = replace(office, acted=self._acted)
        self.tokens = Tokens(self.office)

    def _acted(self, acted: Acted) -> None:
        self.said += [e.event for e in acted.entries if e.event is not None]

    async def made(self, *scopes: TokenScope) -> str:
        wanted = scopes or (LEAVE,)
        return await self.tokens.add(HR, wanted, until=NINE + DAY, by="root")

    def refusals(self) -> list[TokenRefused]:
        return [e for e in self.said if isinstance(e, TokenRefused)]


async def books(database: str) -> Books:
    clock = SetClock(NINE)
    random = Random(3).randbytes  # noqa: S311  so that a test can be repeated
    office = Office(
        site=site(),
        database=await open_database(database),
        recorder=Recorder(key=make_signing_key(), clock=clock),
        vault=Vault(seals=bytes(32), marks=bytes(32), random_bytes=random),
        badge_key=bytes(32),
        clock=clock,
        new_id=lambda: random(8).hex(),
        acted=lambda acted: None,
    )
    return Books(office, clock)


class TokensSuite:
    async def test_a_token_is_known_again_until_it_ends(self, database: str) -> None:
        book = await books(database)
        text = await book.made()
        shown = await book.tokens.show(text, "GET /x")
        book.clock.pass_by(DAY)
        late = await book.tokens.show(text, "GET /x")
        [kept] = await book.tokens.all()
        await book.office.database.close()

        assert isinstance(shown, Token)
        assert (shown.id, shown.scopes, shown.actor) == (
            HR,
            frozenset({LEAVE}),
            "token:hr",
        )
        assert late is TokenRefusal.EXPIRED
        assert kept.used_at == NINE
        assert text.startswith(PREFIX)
        assert len(text) == len(PREFIX) + 64

    async def test_making_revoking_and_refusals_are_events_without_the_token(
        self, database: str
    ) -> None:
        book = await books(database)
        text = await book.made(LEAVE, TokenScope.VISITS_READ)
        token = await book.tokens.show(text, "GET /x")
        assert isinstance(token, Token)
        await book.tokens.lacks_scope(token, "GET /muster")
        await book.tokens.revoke(HR, by="root")
        await book.tokens.revoke(HR, by="root")
        after = await book.tokens.show(text, "GET /x")
        strange = await book.tokens.show(text[:-1] + "x", "GET /x")
        await book.office.database.close()

        assert [type(e) for e in book.said] == [
            TokenMade, TokenRefused, TokenRevoked, TokenRefused, TokenRefused,
        ]  # fmt: skip
        assert [(e.token, e.reason, e.act) for e in book.refusals()] == [
            (HR, TokenRefusal.SCOPE, "GET /muster"),
            (HR, TokenRefusal.REVOKED, "GET /x"),
            (None, TokenRefusal.UNKNOWN, "GET /x"),
        ]
        assert (after, strange) == (TokenRefusal.REVOKED, TokenRefusal.UNKNOWN)
        assert text not in repr(book.said)
        assert text[len(PREFIX) :] not in repr(book.said)

    async def test_many_bad_tokens_are_not_looked_into_and_a_good_one_still_is(
        self, database: str
    ) -> None:
        book = await books(database)
        text = await book.made()
        for n in range(MOST):
            await book.tokens.show(f"{PREFIX}{n}", "GET /x")
        with pytest.raises(TooManyRefusals):
            await book.tokens.show(f"{PREFIX}no", "GET /x")
        good = await book.tokens.show(text, "GET /x")
        recorded = len(book.refusals())
        book.clock.pass_by(timedelta(minutes=1))
        later = await book.tokens.show(f"{PREFIX}no", "GET /x")
        await book.office.database.close()

        assert isinstance(good, Token)
        assert recorded == MOST
        assert later is TokenRefusal.UNKNOWN

    async def test_a_name_is_taken_for_ever(self, database: str) -> None:
        book = await books(database)
        await book.made()
        await book.tokens.revoke(HR, by="root")
        with pytest.raises(InputError, match="already, or was"):
            await book.made()
        with pytest.raises(InputError, match="no token `x`"):
            await book.tokens.revoke(TokenId("x"), by="root")
        with pytest.raises(InputError, match="no scope"):
            await book.tokens.add(TokenId("ab"), (), until=NINE + DAY, by="root")
        await book.office.database.close()

    async def test_a_token_is_noted_as_used_once_a_minute(self, database: str) -> None:
        book = await books(database)
        text = await book.made()
        for _ in range(3):
            await book.tokens.show(text, "GET /x")
            book.clock.pass_by(timedelta(seconds=40))
        [kept] = await book.tokens.all()
        await book.office.database.close()

        assert kept.used_at == NINE + timedelta(seconds=80)
