"""`menshen token …`: which other systems may use the REST API, and for what.

A token is printed once, alone on standard output, so that it can go straight into the
place where it is kept; the register can't give it again.
"""

import argparse
import sys
from collections.abc import Iterator

from config.schema import Site
from controller.deeds import desk_of, instant
from controller.services.tokens import Tokens
from domain.tokens import Token, TokenId, TokenScope


async def perform(site: Site, options: argparse.Namespace) -> int:
    """Do what was asked."""
    async with desk_of(site, options) as desk:
        tokens = Tokens(desk.office)
        match options.action:
            case "list":
                for line in _lines(await tokens.all(), desk.office.site):
                    print(line)
            case "revoke":
                await tokens.revoke(TokenId(options.name), by=options.by)
                print(f"{options.name}: revoked, from the next request on")
            case _:
                text = await tokens.add(
                    TokenId(options.name),
                    scopes_of(options.scopes),
                    until=instant(options.until),
                    by=options.by,
                )
                print(text)
                print(
                    f"{options.name}: keep this token safe; it is not shown again",
                    file=sys.stderr,
                )
    return 0


def scopes_of(texts: list[str]) -> frozenset[TokenScope]:
    """Of `people.leave,visits.read` or with blanks; argparse has checked each."""
    return frozenset(TokenScope(name) for text in texts for name in text.split(","))


def _lines(tokens: tuple[Token, ...], site: Site) -> Iterator[str]:
    for each in tokens:
        at = None if each.used_at is None else each.used_at.astimezone(site.tz)
        yield "\t".join(
            (
                each.id,
                ",".join(sorted(each.scopes)),
                f"until {each.until.astimezone(site.tz):%Y-%m-%d %H:%M}",
                "never used" if at is None else f"used {at:%Y-%m-%d %H:%M}",
                "revoked" if each.revoked_at else "in force",
            )
        )
