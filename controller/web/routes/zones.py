"""Zones: the list of them as installed, and the sign for each entrance as PDF."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.papers.zone_sign import zone_sign
from controller.web.console import Console
from controller.web.pages.zones import SIZES, sign_text, zone_row
from controller.web.papers import paper
from controller.web.preferences import known_language, settle
from controller.web.words import LANGUAGES, words
from domain.ids import ZoneId


def routes(console: Console) -> list[BaseRoute]:
    async def zones(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        say = words(console.preferences(request).language)
        site = console.site
        context = {
            "zones": [zone_row(zone, site, say) for zone in site.zones.values()],
            "sizes": tuple(SIZES),
            "languages": LANGUAGES,
        }
        return await console.page(request, "zones.html", context)

    async def sign(request: Request) -> Response:
        """`?lang=` is the sign's, not the page's."""
        zone = console.site.zones.get(ZoneId(request.path_params["zone"]))
        size = request.query_params.get("size", "a4")
        wanted = request.query_params.get("lang", console.preferences(request).language)
        language = known_language(wanted)
        if zone is None or size not in SIZES or language is None:
            raise HTTPException(404)
        at = console.clock.now()
        text = sign_text(zone, console.site, language, at)
        return await paper(
            console,
            request,
            f"{zone.id}-sign-{size}-{language}",
            lambda fonts: zone_sign(text, SIZES[size], at=at, fonts=fonts),
        )

    return [Route("/zones", zones), Route("/zones/{zone}/sign.pdf", sign)]
