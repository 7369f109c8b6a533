"""The page of tokens: who sees them, and that revoking one counts at once."""

from domain.tokens import TokenRevoked, TokenScope
from tests.apis import system
from tests.operators import form
from tests.web_site import fetch


async def test_the_administrator_revokes_a_token_and_its_next_request_is_refused() -> (
    None
):
    async with system(TokenScope.BOARD_READ) as display:
        before = await display.ask("GET", "/doors")
        admin = await display.address.cookie("administrator")
        page = (await fetch(display.address, "/tokens", headers=admin)).body
        path = "/tokens/hr/revoke"
        unmarked = await fetch(
            display.address, path, method="POST", headers=admin, body="x=1"
        )
        done = await fetch(
            display.address, path, method="POST", headers=admin, body=form(admin)
        )
        after = await display.ask("GET", "/doors")
        again = (await fetch(display.address, "/tokens", headers=admin)).body
        [revoked] = [e for e in await display.log() if isinstance(e, TokenRevoked)]

    assert (before[0], after[0]) == (200, 401)
    assert 'action="/tokens/hr/revoke"' in page
    assert display.token not in page
    assert unmarked.status == 403
    assert (done.status, done.headers["location"]) == (303, "/tokens")
    assert 'action="/tokens/hr/revoke"' not in again
    assert (revoked.token, revoked.by) == ("hr", "administrator")


async def test_officer_and_reviewer_only_look() -> None:
    async with system() as display:
        for role in ("secrecy_officer", "reviewer"):
            cookie = await display.address.cookie(role)
            page = await fetch(display.address, "/tokens", headers=cookie)

            assert page.status == 200
            assert ">hr</td>" in page.body
            assert "/revoke" not in page.body


async def test_a_token_that_is_not_there_is_not_revoked() -> None:
    async with system() as display:
        admin = await display.address.cookie("administrator")
        nobody = await fetch(
            display.address,
            "/tokens/nobody/revoke",
            method="POST",
            headers=admin,
            body=form(admin),
        )

    assert nobody.status == 404
